/// When an image is fetched from its registry before a job starts.
package enum PullPolicy: String, Sendable, Codable, CaseIterable {
    /// Only if the engine does not have it.
    case missing
    /// Before every job.
    case always
    /// Never; a missing image fails the job.
    case never
}
