/// That a job is to be stopped. The first intent decides the outcome, whatever the container's exit says.
package struct StopIntent: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable {
        case cancel
        case deadline
        /// It has written more than it may.
        case scratchLimit
    }

    package var kind: Kind
    /// Who asked; nil for the other kinds.
    package var userName: String?
    package var time: Timestamp

    package init(kind: Kind, userName: String? = nil, time: Timestamp) {
        self.kind = kind
        self.userName = userName
        self.time = time
    }
}
