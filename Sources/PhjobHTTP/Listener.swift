import Glibc

/// A listening socket. Does not own its descriptor.
struct Listener: Sendable {
    let descriptor: Int32

    /// What one attempt to accept came to.
    enum Accepted: Equatable {
        case connection(Int32)
        /// Nobody waits, or who waited has gone.
        case nobody
        /// Descriptors or memory are used up for now.
        case exhausted
    }

    /// Glibc declares `accept4` only with `_GNU_SOURCE`, which Swift's module of it does not define. It is needed so
    /// that a child process started at the wrong moment does not inherit a client's connection.
    private static let accept4 = dlsym(nil, "accept4").map {
        unsafeBitCast(
            $0,
            to: (@convention(c) (Int32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int32) -> Int32).self)
    }

    /// Makes the descriptor non-blocking: a client that leaves between `poll` and `accept` must not stop the loop.
    func prepare() {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    /// Takes a connection if one waits; it is close-on-exec.
    ///
    /// - Throws: `HTTPError.systemCall` when the listener is of no use.
    func accept() throws(HTTPError) -> Accepted {
        guard let accept4 = Self.accept4 else {
            throw .systemCall("accept4", errno: ENOSYS)
        }
        let connection = accept4(descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        if connection >= 0 {
            return .connection(connection)
        }
        switch errno {
        case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP, EFAULT, ENOSYS: throw .systemCall("accept4", errno: errno)
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
        default: return .nobody
        }
    }
}
