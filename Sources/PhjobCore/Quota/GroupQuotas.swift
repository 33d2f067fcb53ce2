/// The bounds of one group.
package struct GroupQuotas: Sendable, Equatable {
    /// Of each member, in this group (PrimeHub's `quotaCpu`, `quotaMemory`, `quotaGpu`).
    package var user: Quota
    /// Of all members together (PrimeHub's `projectQuotaCpu`, `projectQuotaMemory`, `projectQuotaGpu`).
    package var group: Quota

    package init(user: Quota = Quota(), group: Quota = Quota()) {
        self.user = user
        self.group = group
    }

    /// Why a job of this size can never run in the group; nil if it can.
    package func neverAllow(_ demand: ResourceAmount, groupName: String) -> String? {
        if let words = group.neverAllows(demand) { return "\(words), the quota of group '\(groupName)'" }
        if let words = user.neverAllows(demand) { return "\(words), the quota of each user in group '\(groupName)'" }
        return nil
    }
}
