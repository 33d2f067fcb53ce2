package import PhjobCore

/// What was removed, or would be.
package struct PruneAnswer: Sendable, Equatable, Codable {
    package var jobs: [JobID]
    /// Their size on disk, logs and all.
    package var bytes: Int64
    package var isDone: Bool
    /// How many of them each user owns, by the user's name.
    package var owners: [String: Int]?

    package init(jobs: [JobID], bytes: Int64, isDone: Bool, owners: [String: Int]? = nil) {
        self.owners = owners
        self.jobs = jobs
        self.bytes = bytes
        self.isDone = isDone
    }
}
