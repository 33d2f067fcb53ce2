/// An error that reaches a person: what kind (stable, for programs), what happened, and what to do next.
package struct PhjobError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of refusal and failure. Programs may rely on them; new ones may be added.
    package enum Code: String, Sendable, Codable, CaseIterable {
        /// The request is malformed or a value in it is impossible.
        case invalidRequest = "InvalidRequest"
        /// The caller may not do this.
        case forbidden = "Forbidden"
        /// What was named does not exist, or the caller may not know of it.
        case notFound = "NotFound"
        /// What was named fits several things.
        case ambiguous = "Ambiguous"
        /// The job's phase, or an earlier request, rules this out.
        case conflict = "Conflict"
        /// It can never run here.
        case unschedulable = "Unschedulable"
        /// The log or another part is no longer kept.
        case expired = "Expired"
        /// A bound on size or number was passed; the same again would be refused again.
        case limitExceeded = "LimitExceeded"
        /// Nothing was done, because the caller has too much under way or asks too often; later it may be done.
        case tooManyRequests = "TooManyRequests"
        /// The state, the disk, the engine or the runner cannot serve now.
        case unavailable = "Unavailable"
        /// A defect of phjob.
        case internalError = "InternalError"
    }

    package let code: Code
    /// Lower-case; names the thing and says why.
    package let message: String
    /// What to do next.
    package let hint: String?
    /// Seconds after which the same may be asked again; nil if nothing is known of that. Only where nothing was done: whoever
    /// asked does so again by itself.
    package let retryAfter: Int?

    package init(_ code: Code, _ message: String, hint: String? = nil, retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAfter = retryAfter
    }

    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}
