import PhjobCore

/// Counts changes by who may know of them, so that a revision tells a caller nothing of jobs that they may not see: neither that
/// something happened to them, nor how often.
struct ChangeCounts: Sendable {
    /// Jobs that the same callers may see.
    private struct Audience: Hashable {
        let owner: JobOwner
        let groupName: String
    }

    private var ofJobs: [Audience: UInt64] = [:]
    private var ofQueue: UInt64 = 0

    /// Counts a change of a job.
    mutating func jobChanged(_ summary: JobSummary?) {
        guard let summary else { return }
        ofJobs[Audience(owner: summary.owner, groupName: summary.groupName), default: 0] += 1
    }

    /// Counts a change of what waiting jobs wait for.
    mutating func queueChanged() { ofQueue += 1 }

    /// A number that differs after each change that a caller may know of. It is opaque: how far two of them lie apart says nothing.
    ///
    /// - Parameters:
    ///   - common: counts what every caller may know of.
    ///   - isWaiting: whether the caller may see a job that waits, and so what it waits for.
    func revision(for access: Access, common: UInt64, isWaiting: Bool) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(common)
        hasher.combine(isWaiting ? ofQueue : nil)
        hasher.combine(
            ofJobs.reduce(UInt64(0)) { access.maySee($1.key.owner, groupName: $1.key.groupName) ? $0 + $1.value : $0 })
        // What every reader of JSON can hold.
        return UInt64(UInt(bitPattern: hasher.finalize())) & (1 << 53 - 1)
    }
}
