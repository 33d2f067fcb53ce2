import Foundation
import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// Requests of an ordinary user to a ``LiveServer``, byte for byte.
struct RawClient: Sendable {
    struct Answer {
        let status: Int
        let body: String
    }

    private let server: LiveServer
    private let uid: uid_t

    /// - Parameter uid: whose requests they are; Ana's if nil.
    init(_ server: LiveServer, uid: uid_t? = nil) {
        self.server = server
        self.uid = uid ?? server.ana.uid
    }

    func request(_ method: String, _ target: String, _ body: [UInt8] = [], header: String? = nil) throws -> Answer {
        var head =
            "\(method) \(target) HTTP/1.1\r\nHost: phjob\r\nConnection: close\r\nContent-Length: \(body.count)\r\n"
            + "Content-Type: application/json\r\n"
        if let header { head += header + "\r\n" }
        // The kernel takes the caller's uid when the connection is made, so for that moment this thread is theirs.
        let socket = try EffectiveUser.with(uid) {
            try UnixSocket.connect(to: server.directory("run/phjob.sock"))
        }
        try socket.write(Array((head + "\r\n").utf8) + body)
        let bytes = try socket.readAll(limit: 64 << 20)
        let text = String(decoding: bytes, as: UTF8.self)
        let status = Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0
        let end = text.range(of: "\r\n\r\n")?.upperBound ?? text.endIndex
        return Answer(status: status, body: String(text[end...]))
    }
}
