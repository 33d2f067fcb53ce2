package import PhjobCore

/// A job as it stands on disk.
package struct JobRecord: Sendable, Equatable {
    package var job: Job
    /// How often it was written.
    package var revision: Int64
    /// Members that this phjob does not know, written by a newer one; they survive a rewrite.
    package var unknown: JSONValue?

    package init(job: Job, revision: Int64 = 0, unknown: JSONValue? = nil) {
        self.job = job
        self.revision = revision
        self.unknown = unknown
    }
}
