package import PhjobCore
package import PhjobHTTP

/// The body of every answer that is not a success: `{"error": {"code", "message", "hint"?}}`.
package struct ErrorBody: Sendable, Equatable, Codable {
    package var error: Content

    package struct Content: Sendable, Equatable, Codable {
        package var code: String
        package var message: String
        package var hint: String?
    }

    /// The longest message, in Unicode scalars. It may quote what was sent, which can be mebibytes.
    private static let longestMessage = 8192

    package init(_ error: PhjobError) {
        let message = TerminalText.shortened(error.message, to: Self.longestMessage)
        self.error = Content(code: error.code.rawValue, message: message, hint: error.hint)
    }

    /// The error as its caller gets it; a code that this phjob does not know counts as a defect.
    package var phjobError: PhjobError {
        PhjobError(PhjobError.Code(rawValue: error.code) ?? .internalError, error.message, hint: error.hint)
    }
}

extension PhjobError.Code {
    /// The status that an answer with this error has.
    package var status: HTTPStatus {
        switch self {
        case .invalidRequest: .badRequest
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .ambiguous, .conflict: .conflict
        case .unschedulable: .unprocessableContent
        case .expired: .gone
        case .limitExceeded: .contentTooLarge
        case .tooManyRequests: .tooManyRequests
        case .unavailable: .serviceUnavailable
        case .internalError: .internalServerError
        }
    }
}
