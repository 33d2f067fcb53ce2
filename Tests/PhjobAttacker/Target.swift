import Glibc
import PhjobSystem

/// The server that is attacked.
struct Target: Sendable {
    let socket: String
    /// What is asked for, where the attack does not say it itself.
    let path: String

    /// A connection, as soon as there is one to be had.
    func connect() -> Descriptor {
        while true {
            if let connection = try? UnixSocket.connect(to: socket) { return connection }
            // The server's backlog is full.
            usleep(10_000)
        }
    }

    /// Sends a request and reads the answer to its end.
    @discardableResult
    func ask(_ bytes: [UInt8]) -> [UInt8] {
        let connection = connect()
        try? connection.write(bytes)
        return (try? connection.readAll(limit: 64 << 20)) ?? []
    }

    static func request(_ method: String, _ target: String, body: [UInt8] = []) -> [UInt8] {
        let head =
            "\(method) \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.count)\r\n"
            + "Content-Type: application/json\r\n\r\n"
        return Array(head.utf8) + body
    }

    /// Whether a connection takes no more, or has been closed at the other end.
    static func isOver(_ connection: Descriptor) -> Bool {
        var byte: UInt8 = 0
        let count = recv(connection.number, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count >= 0 || (errno != EAGAIN && errno != EINTR)
    }
}
