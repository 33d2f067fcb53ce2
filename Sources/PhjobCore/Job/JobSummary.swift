/// What is kept in memory of every job: enough to list and find it. The rest is read from its record.
package struct JobSummary: Sendable, Equatable {
    package let id: JobID
    /// The uid of its owner; here, where it takes no room beside the id.
    package let uid: UInt32
    package let displayName: String
    package let groupName: String
    package let userName: String
    package let phase: JobPhase
    package let createTime: Timestamp
    /// Nil if its command never ran, or not yet.
    package let startTime: Timestamp?
    package let finishTime: Timestamp?
    /// What it holds, or held, from its start to its end.
    package let demand: ResourceAmount
    package let idempotencyKey: String?
    /// When its log goes; nil while the job is not done with, and when its log is gone.
    package let logExpiry: Timestamp?

    package init(
        id: JobID, displayName: String, groupName: String, owner: JobOwner, phase: JobPhase, createTime: Timestamp,
        startTime: Timestamp?, finishTime: Timestamp?, demand: ResourceAmount, idempotencyKey: String?,
        logExpiry: Timestamp?
    ) {
        self.id = id
        self.displayName = displayName
        self.groupName = groupName
        uid = owner.uid
        userName = owner.name
        self.phase = phase
        self.createTime = createTime
        self.startTime = startTime
        self.finishTime = finishTime
        self.demand = demand
        self.idempotencyKey = idempotencyKey
        self.logExpiry = logExpiry
    }

    package var owner: JobOwner { JobOwner(uid: uid, name: userName) }

    package init(_ job: Job) {
        self.init(
            id: job.id, displayName: job.spec.displayName, groupName: job.spec.groupName, owner: job.spec.user.owner,
            phase: job.phase, createTime: job.createTime, startTime: job.startTime, finishTime: job.finishTime,
            demand: job.spec.instanceType.demand, idempotencyKey: job.spec.idempotency?.key,
            logExpiry: RetentionPolicy.logExpiry(of: job))
    }
}
