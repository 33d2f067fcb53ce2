/// When what is kept of an ended job goes.
package enum RetentionPolicy {
    /// When the log of a job goes; nil while it has not ended or its log is still being completed, or if its log is gone.
    package static func logExpiry(of job: Job) -> Timestamp? {
        guard case .ended(let ended) = job.state, ended.isCleanedUp, ended.logExpireTime == nil else { return nil }
        return ended.finishTime.adding(seconds: job.spec.settings.logRetentionSeconds)
    }

    /// Seconds until the removal of a log that failed is tried again: what keeps it from being removed mostly stays.
    private static let retryDelay: Int64 = 3600

    /// When logs are to be removed next, after those that had expired at `time` were tried; `nil` if there are none.
    ///
    /// - Parameter expiries: of the logs that there still are; one that had expired by `time` could not be removed.
    package static func nextRound(after time: Timestamp, _ expiries: some Sequence<Timestamp>) -> Timestamp? {
        expiries.map { $0 <= time ? time.adding(seconds: retryDelay) : $0 }.min()
    }
}
