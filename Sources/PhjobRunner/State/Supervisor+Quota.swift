import PhjobAPI
import PhjobCore
import Synchronization

extension Supervisor {
    /// For how many days back it is said what was used.
    private static let usageDays = 30

    /// What the caller and their groups may have, have, and have had; of every group for an administrator.
    func quotaView(caller: Caller) -> QuotaView {
        let now = Self.now
        let begin = now.adding(seconds: -Int64(Self.usageDays) * 86_400)
        return state.withLock { state in
            let visible = Access(caller, state.catalogue).groups
            var past: [String: (user: UsageTotal, all: UsageTotal)] = [:]
            for job in state.table.summaries
            where job.startTime != nil && job.finishTime ?? now >= begin && visible.contains(job.groupName) {
                past[job.groupName, default: (UsageTotal(), UsageTotal())].all.add(job, from: begin, to: now)
                guard job.userName == caller.user.name else { continue }
                past[job.groupName, default: (UsageTotal(), UsageTotal())].user.add(job, from: begin, to: now)
            }
            let usage = QuotaUsage(state.table.holdings)
            let groups = state.catalogue.groups.filter { visible.contains($0.name) }.map { group in
                let waiting = state.table.waiting(of: caller.user.name, inGroup: group.name)
                let total = past[group.name] ?? (UsageTotal(), UsageTotal())
                return QuotaView.Group(
                    group,
                    user: QuotaView.Row(
                        limit: QuotaView.Limit(group.quotas.user),
                        now: QuotaView.Now(
                            usage.use(of: caller.user.name, inGroup: group.name), waitingJobs: waiting.ofUserInGroup),
                        past: QuotaView.Past(total.user)),
                    all: QuotaView.Row(
                        limit: QuotaView.Limit(group.quotas.group),
                        now: QuotaView.Now(usage.use(ofGroup: group.name), waitingJobs: waiting.ofGroup),
                        past: QuotaView.Past(total.all)))
            }
            return QuotaView(days: Self.usageDays, groups: groups)
        }
    }
}
