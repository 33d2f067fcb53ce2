/// How many jobs wait, as it matters to one user in one group.
package struct WaitingJobs: Sendable, Equatable {
    package var all = 0
    package var ofUser = 0
    package var ofGroup = 0
    package var ofUserInGroup = 0

    package init() {}
}

extension GroupQuotas {
    /// - Throws: ``PhjobError`` with code `tooManyRequests` if no further job of the user may wait in the group.
    package func checkWaiting(_ waiting: WaitingJobs, userName: String, groupName: String) throws(PhjobError) {
        if let most = user.waitingJobs, waiting.ofUserInGroup >= most {
            throw Self.tooMany(waiting.ofUserInGroup, "of \(userName) in group '\(groupName)'", most)
        }
        if let most = group.waitingJobs, waiting.ofGroup >= most {
            throw Self.tooMany(waiting.ofGroup, "of group '\(groupName)'", most)
        }
    }

    private static func tooMany(_ count: Int, _ whose: String, _ most: Int) -> PhjobError {
        PhjobError(
            .tooManyRequests, "\(count) jobs \(whose) wait already; at most \(most) may",
            hint: "wait until some have started; see 'phjob quota'")
    }
}
