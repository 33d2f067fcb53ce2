/// What one caller may do with the jobs that there are, by one catalogue.
package struct Access: Sendable {
    package let caller: Caller
    /// The names of the caller's groups; of all groups for an administrator.
    package let groups: Set<String>
    /// Groups in which a job's cancel and log are its owner's alone.
    private let ownerOnlyGroups: Set<String>

    package init(_ caller: Caller, _ catalogue: Catalogue) {
        self.caller = caller
        groups = Set((caller.isAdministrator ? catalogue.groups : catalogue.groups(of: caller)).map(\.name))
        ownerOnlyGroups = Set(catalogue.groups.filter(\.ownerOnly).map(\.name))
    }

    /// What is asked of one job beyond seeing it.
    package enum Action: String, Sendable {
        case cancel
        case readLog = "read the log of"
    }

    package func isOwner(of job: JobSummary) -> Bool { job.owner == caller.user.owner }

    /// Whether the caller may know that the job exists. One's own jobs stay in sight when one has left their group.
    package func maySee(_ job: JobSummary) -> Bool { maySee(job.owner, groupName: job.groupName) }

    package func maySee(_ owner: JobOwner, groupName: String) -> Bool {
        owner == caller.user.owner || caller.isAdministrator || groups.contains(groupName)
    }

    /// - Parameter job: one that the caller may see.
    /// - Throws: ``PhjobError`` with code `forbidden`.
    package func check(_ action: Action, on job: JobSummary) throws(PhjobError) {
        guard ownerOnlyGroups.contains(job.groupName), !isOwner(of: job), !caller.isAdministrator else { return }
        throw PhjobError(
            .forbidden,
            "only \(job.userName) may \(action.rawValue) job \(job.id): group '\(job.groupName)' keeps that to a job's owner",
            hint: "ask \(job.userName), or an administrator of phjob")
    }

    /// - Throws: ``PhjobError`` with code `forbidden` for anybody who is no administrator.
    package func checkAdministrator(to what: String) throws(PhjobError) {
        guard !caller.isAdministrator else { return }
        throw PhjobError(
            .forbidden, "only an administrator may \(what)",
            hint: "root and the members of the Unix group \(Self.administrators) are administrators")
    }

    /// The Unix group whose members are administrators.
    package static let administrators = "phjob-admin"
}
