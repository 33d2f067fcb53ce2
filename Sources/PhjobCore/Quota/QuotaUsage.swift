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

    /// Which quota delays a waiting job now; nil if none does. Then its share of that quota is kept for it, and of the
    /// group's only if it is that one that delays it: who is over their own quota holds up nobody else.
    mutating func delay(_ job: SchedulingPlan.Candidate, _ quotas: GroupQuotas) -> OverQuota? {
        let member = members[Member(groupName: job.groupName, userName: job.userName)] ?? Share()
        if !quotas.user.allows(job.demand, beside: member.held.adding(member.kept)) {
            keepOfUser(job)
            return .ofUser
        }
        let group = groups[job.groupName] ?? Share()
        if !quotas.group.allows(job.demand, beside: group.held.adding(group.kept)) {
            keep(job)
            return .ofGroup
        }
        return nil
    }

    /// What a job that is over a quota waits for, in words for a person.
    package func words(
        _ overQuota: OverQuota, _ demand: ResourceAmount, _ quotas: GroupQuotas, userName: String, groupName: String
    ) -> String {
        let (quota, use, whose) =
            switch overQuota {
            case .ofUser: (quotas.user, use(of: userName, inGroup: groupName), "of \(userName) in group '\(groupName)'")
            case .ofGroup: (quotas.group, use(ofGroup: groupName), "of group '\(groupName)'")
            }
        let wait = quota.delays(demand, beside: use) ?? "jobs before it that wait for the same"
        return "over the quota \(whose): waits for \(wait)"
    }
}
