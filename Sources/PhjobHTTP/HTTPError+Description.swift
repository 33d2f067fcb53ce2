import Glibc

extension HTTPError {
    /// A sentence's worth for a person, without a capital and a full stop.
    package var description: String {
        switch self {
        case .malformed(let fault): "malformed HTTP message: \(fault.rawValue)"
        case .headTimedOut(let limit): "the request's head did not arrive within \(limit); send it at once"
        case .bodyTimedOut(let limit): "the request's body did not arrive within \(limit)"
        case .bodyTooLarge(let limit): "the request's body is larger than \(Self.size(limit)); send less"
        case .targetTooLong(let limit): "the request line is longer than \(Self.size(limit))"
        case .unsupportedExpectation: "the Expect header asks for something other than 100-continue"
        case .headTooLarge(let limit): "the request's headers are larger than \(Self.size(limit))"
        case .tooManyFields(let limit): "the request has more than \(limit) headers"
        case .unsupportedTransferCoding: "the Transfer-Encoding is not chunked; no other one is supported"
        case .unsupportedVersion: "the HTTP version is not supported; use HTTP/1.1"
        case .tooManyConnections: "the server has all the connections it takes; try again later"
        case .tooManyConnectionsOfPeer(let limit):
            "you have \(limit) connections open, which is all that one user may have; close some, or try again later"
        case .unanswered: "the server could not produce an answer; this is a fault of the server"
        case .connectFailed(let number): "cannot connect: \(Self.words(number))"
        case .systemCall(let name, let number): "\(name) failed: \(Self.words(number))"
        case .timedOut: "the server did not answer in time"
        case .writeTimedOut: "the other side stopped reading"
        case .interrupted: "interrupted"
        case .closed: "the connection was closed by the other side"
        case .truncated: "the connection broke in the middle of the answer, which is not complete"
        case .alreadyAnswered: "the request has been answered already"
        case .bodyUnread: "the answer to the request before has not been read to its end"
        case .answerTooLarge(let limit): "the server's answer is larger than \(Self.size(limit))"
        }
    }

    private static func size(_ bytes: Int) -> String {
        if bytes >= 1 << 20, bytes % (1 << 20) == 0 {
            return "\(bytes >> 20) MiB"
        }
        if bytes >= 1 << 10, bytes % (1 << 10) == 0 {
            return "\(bytes >> 10) KiB"
        }
        return "\(bytes) bytes"
    }

    private static func words(_ number: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, strerror_r(number, start, buffer.count) == 0 else {
                return "error \(number)"
            }
            return String(cString: start)
        }
    }
}
