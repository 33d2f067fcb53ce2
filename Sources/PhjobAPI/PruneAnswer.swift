package import PhjobCore

/// What was removed, or would be.
package struct PruneAnswer: Sendable, Equatable, Codable {
    package var jobs: [JobID]
    /// Their size on disk, logs and all.
    package var bytes: Int64
    package var isDone: Bool

    package init(jobs: [JobID], bytes: Int64, isDone: Bool) {
        self.jobs = jobs
        self.bytes = bytes
        self.isDone = isDone
    }
}
