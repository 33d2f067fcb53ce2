import Glibc

extension HTTPClient {
    /// Connects to a Unix socket.
    ///
    /// - Parameters:
    ///   - path: at most 107 bytes (`sun_path`, unix(7)).
    ///   - timeout: how long a server that is too busy to accept may take; nil waits without a bound.
    /// - Throws: `HTTPError.connectFailed`: with `ENOENT` or `ECONNREFUSED` nobody listens there, with `EACCES` it is
    ///   not for this user, with `ENAMETOOLONG` the path is too long; `.timedOut`, `.interrupted`, `.systemCall`.
    package static func connect(
        unixPath path: String, timeout: Duration? = nil, limits: HTTPLimits = HTTPLimits(), interrupt: Int32? = nil
    ) throws(HTTPError) -> HTTPClient {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path.utf8.count < capacity else {
            throw .connectFailed(errno: path.isEmpty ? ENOENT : ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw .systemCall("socket", errno: errno)
        }
        do throws(HTTPError) {
            try connect(descriptor, &address, until: Deadline(after: timeout), interrupt: interrupt)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        return HTTPClient(descriptor: descriptor, limits: limits, interrupt: interrupt)
    }

    /// A Unix socket connects at once, or waits for room in the server's queue. `poll` cannot wait for that, but the
    /// time to send bounds it (unix(7), socket(7)); it is cut into short waits so that an interrupt is noticed.
    private static func connect(
        _ descriptor: Int32, _ address: inout sockaddr_un, until deadline: Deadline, interrupt: Int32?
    ) throws(HTTPError) {
        var slice = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &slice, socklen_t(MemoryLayout<timeval>.size))
        while true {
            let number = withUnsafeBytes(of: &address) { bytes -> Int32 in
                let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                return Glibc.connect(descriptor, start, socklen_t(bytes.count)) == 0 ? 0 : errno
            }
            switch number {
            case 0: return
            case EAGAIN, EINTR:
                if let interrupt, try StreamSocket(descriptor: interrupt).wait(for: POLLIN, until: .now) != 0 {
                    throw .interrupted
                }
                if deadline.hasPassed {
                    throw .timedOut
                }
            default: throw .connectFailed(errno: number)
            }
        }
    }
}
