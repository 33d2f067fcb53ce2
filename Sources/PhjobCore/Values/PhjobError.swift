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
        /// A bound on size, number or rate was passed.
        case limitExceeded = "LimitExceeded"
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

    package init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}
