/// When what is kept of an ended job goes.
package enum RetentionPolicy {
    /// When the log of a job goes; nil while it has not ended or its log is still being completed, or if its log is gone.
    package static func logExpiry(of job: Job) -> Timestamp? {
        guard case .ended(let ended) = job.state, ended.isCleanedUp, ended.logExpireTime == nil else { return nil }
        return ended.finishTime.adding(seconds: job.spec.settings.logRetentionSeconds)
    }
}
