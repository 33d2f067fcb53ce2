import Glibc
import PhjobHTTP

/// Answers as a client reads them, from a server that may be anything.
enum AnswerLayer: FuzzLayer {
    static let name = "answer"

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        // So that all of it fits into the socket's buffer.
        let body = (0..<min(20_000, random.length(80))).map { _ in UInt8.random(in: 0...255, using: &random) }
        var bytes = answer(body, &random)
        let isChanged = !random.happens(onceIn: 3)
        if isChanged { bytes = Array(Mutation.bytes(bytes, &random).prefix(60_000)) }
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw Violation("socketpair: \(errno)")
        }
        let client = HTTPClient(descriptor: pair[0])
        defer {
            client.close()
            close(pair[1])
        }
        // Written before it is asked for: a client that knows its business does not mind.
        let written = write(pair[1], bytes, bytes.count)
        try Check.equal(written, bytes.count, "bytes written")
        shutdown(pair[1], Int32(SHUT_WR))
        do throws(HTTPError) {
            let response = try client.send(HTTPRequest("GET", "/"))
            let found = try response.readBody(limit: 30_000)
            if !isChanged, found != body { throw .answerTooLarge(limit: found.count) }
            return true
        } catch {
            try Check.isPlain(error.description, "the error", most: 1000)
            try Check.isTrue(isChanged, "a good answer is refused: \(error.description)")
            return false
        }
    }

    private static func answer(_ body: [UInt8], _ random: inout Randomness) -> [UInt8] {
        let head = "HTTP/1.\(random.number(0...1)) 200 OK\r\nContent-Type: x\r\n"
        switch random.number(0...2) {
        case 0: return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
        case 1: return Array((head + "\r\n").utf8) + body
        default:
            var bytes = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            for piece in random.pieces(of: body) {
                bytes += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [0x0d, 0x0a]
            }
            return bytes + Array("0\r\nX-T: v\r\n\r\n".utf8)
        }
    }
}
