/// What a request turns out to be about, for the audit. Belongs to one request on one thread.
final class AuditSubject {
    /// What the audit calls it; nil for what it does not hold, and after it was written.
    var action: String?
    /// The job, or what it was called by.
    var job: String?
    var detail: String?
}
