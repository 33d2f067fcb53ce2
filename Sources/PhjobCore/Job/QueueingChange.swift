/// What a person changes of a job that waits; what is nil stays.
package struct QueueingChange: Sendable, Equatable, Codable {
    /// True holds it back, false releases it.
    package var hold: Bool?
    /// One of ``PendingJob/priorities``.
    package var priority: Int?

    package init(hold: Bool? = nil, priority: Int? = nil) {
        self.hold = hold
        self.priority = priority
    }
}
