import Glibc
import PhjobTestSupport
import Testing

@testable import PhjobHTTP

/// The bytes themselves, for clients and servers that do what ours do not. Every wait has a bound.
final class RawConnection {
    let descriptor: Int32
    private var unread: [UInt8] = []

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    convenience init(path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafeBytes(of: &address) {
            connect(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        self.init(descriptor: descriptor)
        try #require(result == 0)
    }

    /// Two ends, one of them for a client of ours.
    static func pair() throws -> (client: Int32, server: RawConnection) {
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0)
        return (pair[0], RawConnection(descriptor: pair[1]))
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) throws {
        try StreamSocket(descriptor: descriptor).send(Array(text.utf8), stallTime: .seconds(patience))
    }

    /// Says that nothing more will be sent.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Reads up to and with a text.
    func read(until end: String) throws -> String {
        while !String(decoding: unread, as: UTF8.self).contains(end) {
            guard try receive() else {
                Issue.record("ended after \(String(decoding: unread, as: UTF8.self))")
                break
            }
        }
        defer { unread = [] }
        return String(decoding: unread, as: UTF8.self)
    }

    /// Reads until the other side closes.
    func readToEnd() throws -> String {
        while try receive() {}
        defer { unread = [] }
        return String(decoding: unread, as: UTF8.self)
    }

    private func receive() throws -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let received = try bytes.withUnsafeMutableBytes {
            try StreamSocket(descriptor: descriptor).receive(into: $0, until: Deadline(after: .seconds(patience)))
        }
        switch received {
        case .bytes(let count):
            unread += bytes[..<count]
            return true
        case .end:
            return false
        case .timedOut:
            Issue.record("nothing came, after \(String(decoding: unread, as: UTF8.self))")
            return false
        }
    }
}
