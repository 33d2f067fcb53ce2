/// What the groups, and each user in each of them, hold at one moment, and what is kept for jobs that wait.
package struct QuotaUsage: Sendable, Equatable {
    private struct Member: Hashable {
        let groupName: String
        let userName: String
    }

    private struct Share: Equatable {
        var held = Quota.Use()
        var kept = Quota.Use()
        /// Whether some is kept for a job that needs GPUs, and for one that needs none.
        var keepsForGPUs = false
        var keepsForOthers = false
        /// Jobs that some is kept for, though no other job is held up by that so far.
        var gathering: [JobID] = []

        /// A job is delayed by the quota. If it is the first, or some is kept for it already, its share is kept.
        ///
        /// - Returns: whether it is; and the jobs for which some must stay kept from now on.
        mutating func wait(
            _ job: SchedulingPlan.Candidate, _ quota: Quota, isReserved: Bool
        ) -> (isKept: Bool, confirmed: [JobID]) {
            var confirmed: [JobID] = []
            if quota.allows(job.demand, beside: held) { swap(&confirmed, &gathering) }
            let isFirst = job.demand.gpus > 0 ? !keepsForGPUs : !keepsForOthers
            guard isFirst || isReserved else { return (false, confirmed) }
            if job.demand.gpus > 0 { keepsForGPUs = true } else { keepsForOthers = true }
            if isReserved {
                confirmed.append(job.id)
            } else if quota.hasPart(of: job.demand, beside: held.adding(kept)) {
                gathering.append(job.id)
            }
            kept.add(job.demand)
            return (true, confirmed)
        }
    }

    /// The jobs over a group's quota that the next plan must go on keeping some of it for.
    private(set) var reserved: [JobID] = []

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

    /// Keeps the share of a job that waits for the node, so that no later one takes it.
    mutating func keep(_ job: SchedulingPlan.Candidate) {
        members[Member(groupName: job.groupName, userName: job.userName), default: Share()].kept.add(job.demand)
        groups[job.groupName, default: Share()].kept.add(job.demand)
    }

    /// Which quota delays a waiting job now; `nil` if none does. The share of the first job that a quota delays is kept
    /// for it, of the group's quota only if it is that one that delays it: who is over their own quota holds up nobody
    /// else.
    ///
    /// - Parameter isReserved: whether an earlier plan kept capacity for the job.
    mutating func delay(
        _ job: SchedulingPlan.Candidate, _ quotas: GroupQuotas, isReserved: Bool
    ) -> OverQuota? {
        let key = Member(groupName: job.groupName, userName: job.userName)
        var member = members[key] ?? Share()
        if !quotas.user.allows(job.demand, beside: member.held.adding(member.kept)) {
            // Only jobs of one person want it, and those are in order of arrival anyway.
            _ = member.wait(job, quotas.user, isReserved: isReserved)
            members[key] = member
            return .ofUser
        }
        var group = groups[job.groupName] ?? Share()
        if !quotas.group.allows(job.demand, beside: group.held.adding(group.kept)) {
            let (isKept, confirmed) = group.wait(job, quotas.group, isReserved: isReserved)
            reserved += confirmed
            groups[job.groupName] = group
            if isKept {
                member.kept.add(job.demand)
                members[key] = member
            }
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
