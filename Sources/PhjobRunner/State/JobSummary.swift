import PhjobCore

/// What is kept in memory of a job that has ended: enough to list and find it. The rest is read from its record.
struct JobSummary: Sendable {
    let id: JobID
    let displayName: String
    let groupName: String
    let userName: String
    let phase: JobPhase
    let createTime: Timestamp
    let idempotencyKey: String?
    /// When its log goes; nil if it is gone.
    let logExpiry: Timestamp?

    init(_ job: Job) {
        id = job.id
        displayName = job.spec.displayName
        groupName = job.spec.groupName
        userName = job.spec.user.name
        phase = job.phase
        createTime = job.createTime
        idempotencyKey = job.spec.idempotency?.key
        logExpiry = RetentionPolicy.logExpiry(of: job)
    }
}
