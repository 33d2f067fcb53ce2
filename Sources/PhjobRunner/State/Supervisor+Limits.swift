import PhjobCore
import PhjobStore
import PhjobSystem
import Synchronization

/// Bounds against abuse, and rights that may be lost between submission and start.
extension Supervisor {
    /// So many bytes of a script and its variables count as one submission more.
    private static let bytesOfOne = 64 << 10

    /// Counts a submission, unless it is one too many.
    ///
    /// - Throws: ``PhjobError`` with code `tooManyRequests`; nothing was done then.
    func checkLimits(_ spec: JobSpec, in state: inout State) throws(PhjobError) {
        let limits = CallerLimits(state.catalogue.limits, mode)
        let (userName, groupName) = (spec.user.name, spec.groupName)
        let waiting = state.table.waiting(of: userName, inGroup: groupName)
        if let most = limits.userWaitingJobs, waiting.ofUser >= most {
            throw PhjobError(
                .tooManyRequests, "\(waiting.ofUser) jobs of \(userName) wait already; at most \(most) may",
                hint: "wait until some have started")
        }
        if let most = limits.waitingJobs, waiting.all >= most {
            throw PhjobError(
                .tooManyRequests, "\(waiting.all) jobs wait already; at most \(most) may",
                hint: "wait until some have started")
        }
        let quotas = state.catalogue.group(named: groupName)?.quotas ?? GroupQuotas()
        try quotas.checkWaiting(waiting, userName: userName, groupName: groupName)
        try checkRate(of: userName, in: &state, bytes: spec.submittedSize)
    }

    /// Counts what costs the engine something, a submission or its trial, unless it is one too many.
    ///
    /// - Parameter bytes: the size of its script and variables; a large one counts as many, or a minute's worth of them would
    ///   fill disks.
    /// - Throws: ``PhjobError`` with code `tooManyRequests`, and the time when there is room.
    func checkRate(of userName: String, in state: inout State, bytes: Int) throws(PhjobError) {
        guard let most = CallerLimits(state.catalogue.limits, mode).submissionsPerMinute else { return }
        let now = Self.now
        if state.rates.count > 1000 { state.rates = state.rates.filter { !$1.isFull(at: now, perMinute: most) } }
        if let seconds = state.rates[userName, default: SubmissionRate(at: now)].take(
            at: now, perMinute: most, weight: 1 + bytes / Self.bytesOfOne)
        {
            throw PhjobError(
                .tooManyRequests, "\(userName) has submitted \(most) jobs in a minute, which is all that is allowed",
                hint: "again in \(seconds) s", retryAfter: seconds)
        }
    }

    /// Why a job must not begin; `nil` if its submitter still has the right to it, and to all that it would get. In
    /// personal mode the submitter owns the catalogue too: a job begins as it was submitted.
    ///
    /// - Throws: ``AccountLookupError`` if that is not known at the moment.
    func whyNotPermitted(_ spec: JobSpec) throws(AccountLookupError) -> String? {
        guard mode == .system else { return nil }
        return try CallerLookup(users: users).whyNotPermitted(spec, state.withLock(\.catalogue))
    }
}
