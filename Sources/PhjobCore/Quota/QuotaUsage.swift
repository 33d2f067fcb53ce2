/// What the groups, and each user in each of them, hold at one moment, and what is kept for jobs that wait.
package struct QuotaUsage: Sendable, Equatable {
    private struct Member: Hashable {
        let groupName: String
        let userName: String
    }

    private struct Share: Equatable {
        var held = Quota.Use()
        var kept = Quota.Use()
    }

    private var groups: [String: Share] = [:]
    private var members: [Member: Share] = [:]

    package init(_ held: [SchedulingPlan.Holding] = []) {
        for holding in held { hold(holding.demand, userName: holding.userName, groupName: holding.groupName) }
    }

    package func use(ofGroup groupName: String) -> Quota.Use { groups[groupName]?.held ?? Quota.Use() }

    package func use(of userName: String, inGroup groupName: String) -> Quota.Use {
        members[Member(groupName: groupName, userName: userName)]?.held ?? Quota.Use()
    }

    private mutating func hold(_ demand: ResourceAmount, userName: String, groupName: String) {
        groups[groupName, default: Share()].held.add(demand)
        members[Member(groupName: groupName, userName: userName), default: Share()].held.add(demand)
    }

    /// Counts a job that is about to start.
    mutating func start(_ job: SchedulingPlan.Candidate) {
        hold(job.demand, userName: job.userName, groupName: job.groupName)
    }

    /// Keeps a waiting job's share, so that no later one takes it.
    mutating func keep(_ job: SchedulingPlan.Candidate) {
        keepOfUser(job)
        groups[job.groupName, default: Share()].kept.add(job.demand)
    }

    private mutating func keepOfUser(_ job: SchedulingPlan.Candidate) {
        members[Member(groupName: job.groupName, userName: job.userName), default: Share()].kept.add(job.demand)
    }

    /// Why a waiting job is over a quota now; nil if it is not. Then its share of that quota is kept for it, and of the
    /// group's only if it is that one that delays it: who is over their own quota holds up nobody else.
    mutating func delay(_ job: SchedulingPlan.Candidate, _ quotas: GroupQuotas) -> String? {
        let member = members[Member(groupName: job.groupName, userName: job.userName)] ?? Share()
        if let words = Self.words(quotas.user, job.demand, member) {
            keepOfUser(job)
            return "over the quota of \(job.userName) in group '\(job.groupName)': \(words)"
        }
        if let words = Self.words(quotas.group, job.demand, groups[job.groupName] ?? Share()) {
            keep(job)
            return "over the quota of group '\(job.groupName)': \(words)"
        }
        return nil
    }

    private static func words(_ quota: Quota, _ demand: ResourceAmount, _ share: Share) -> String? {
        if let words = quota.delays(demand, beside: share.held) { return "waits for \(words)" }
        guard quota.delays(demand, beside: share.held.adding(share.kept)) != nil else { return nil }
        return "waits for jobs before it that wait for the same"
    }
}
