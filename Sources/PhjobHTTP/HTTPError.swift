/// Everything that goes wrong between a client and a server before or below the meaning of a request.
package enum HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    // What a client did, and is answered: `status` is not nil.
    case malformed(HTTPFault)
    case headTimedOut(Duration)
    case bodyTimedOut(Duration)
    /// The bound in bytes.
    case bodyTooLarge(limit: Int)
    /// The bound in bytes.
    case targetTooLong(limit: Int)
    case unsupportedExpectation
    /// The bound in bytes.
    case headTooLarge(limit: Int)
    case tooManyFields(limit: Int)
    case unsupportedTransferCoding
    case unsupportedVersion
    case tooManyConnections
    case tooManyConnectionsOfPeer(limit: Int)
    /// The handler returned without an answer.
    case unanswered

    // What happens on the way.
    /// Nobody listens at the path (`ENOENT`, `ECONNREFUSED`), or connecting is not allowed (`EACCES`).
    case connectFailed(errno: Int32)
    /// A system call failed.
    case systemCall(String, errno: Int32)
    /// The time given for connecting or for an answer is over.
    case timedOut
    /// The other side took nothing of what was written to it for too long.
    case writeTimedOut
    /// The interrupt descriptor became readable.
    case interrupted
    /// The other side closed the connection: nothing can be sent, and no answer has come.
    case closed
    /// The connection ended before the body did; what has been read is not all.
    case truncated
    /// A second answer to the same request, or something written after its end.
    case alreadyAnswered
    /// The body of the answer before this one has not been read to its end.
    case bodyUnread
    /// An answer's body is larger than the caller wants it, in bytes.
    case answerTooLarge(limit: Int)

    /// The status this is answered with; nil for what cannot be answered.
    package var status: HTTPStatus? {
        switch self {
        case .malformed: .badRequest
        case .headTimedOut, .bodyTimedOut: .requestTimeout
        case .bodyTooLarge: .contentTooLarge
        case .targetTooLong: .uriTooLong
        case .unsupportedExpectation: .expectationFailed
        case .headTooLarge, .tooManyFields: .headerFieldsTooLarge
        case .unanswered: .internalServerError
        case .unsupportedTransferCoding: .notImplemented
        case .tooManyConnections, .tooManyConnectionsOfPeer: .serviceUnavailable
        case .unsupportedVersion: .versionNotSupported
        case .connectFailed, .systemCall, .timedOut, .writeTimedOut, .interrupted, .closed, .truncated,
            .alreadyAnswered, .bodyUnread, .answerTooLarge:
            nil
        }
    }

    /// A stable name for programs.
    package var code: String {
        switch self {
        case .malformed: "MalformedRequest"
        case .headTimedOut, .bodyTimedOut: "RequestTimeout"
        case .bodyTooLarge: "RequestTooLarge"
        case .targetTooLong: "TargetTooLong"
        case .unsupportedExpectation: "UnsupportedExpectation"
        case .headTooLarge, .tooManyFields: "HeaderTooLarge"
        case .unsupportedTransferCoding: "UnsupportedTransferCoding"
        case .unsupportedVersion: "UnsupportedVersion"
        case .tooManyConnections, .tooManyConnectionsOfPeer: "TooManyConnections"
        case .unanswered, .alreadyAnswered: "InternalError"
        case .connectFailed: "ConnectFailed"
        case .systemCall: "SystemCallFailed"
        case .timedOut, .writeTimedOut: "TimedOut"
        case .interrupted: "Interrupted"
        case .closed: "ConnectionClosed"
        case .truncated: "Truncated"
        case .bodyUnread: "BodyUnread"
        case .answerTooLarge: "AnswerTooLarge"
        }
    }
}
