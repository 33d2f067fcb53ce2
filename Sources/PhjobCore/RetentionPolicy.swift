/// When what is kept of an ended job goes.
package enum RetentionPolicy {
    /// When the log of a job goes; nil while it has not ended, or if its log is gone already.
    package static func logExpiry(of job: Job) -> Timestamp? {
        guard case .ended(let ended) = job.state, ended.logExpireTime == nil else { return nil }
        return ended.finishTime.adding(seconds: job.spec.settings.logRetentionSeconds)
    }
}
