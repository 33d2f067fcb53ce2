import Glibc

/// Ends a `poll` in another thread. Owns its two descriptors.
final class WakeSignal: Sendable {
    /// Readable from `raise()` until `clear()`.
    let descriptor: Int32
    private let sender: Int32

    /// - Throws: `HTTPError.systemCall`.
    init() throws(HTTPError) {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            throw .systemCall("socketpair", errno: errno)
        }
        descriptor = pair[0]
        sender = pair[1]
    }

    deinit {
        close(descriptor)
        close(sender)
    }

    /// A full buffer is as good as one more byte in it.
    func raise() {
        var byte: UInt8 = 0
        _ = send(sender, &byte, 1, Int32(MSG_NOSIGNAL))
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while recv(descriptor, &bytes, bytes.count, 0) > 0 {}
    }
}
