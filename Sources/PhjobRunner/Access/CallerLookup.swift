package import PhjobCore
package import PhjobSystem

/// Finds out who somebody is from the one thing that is certain of them: their uid.
package struct CallerLookup: Sendable {
    private let users: any UserDirectory

    init(users: any UserDirectory) {
        self.users = users
    }

    /// By the user and group databases of this machine.
    package init() {
        users = SystemUsers()
    }

    /// Uids that stand for nobody: `nobody` itself, what NFS and user namespaces map strangers to, and the invalid one.
    private static let nobodies: Set<UInt32> = [65534, 65535, UInt32.max]

    /// - Parameter catalogue: whose Unix groups are looked at.
    /// - Throws: ``PhjobError`` with code `forbidden` for a uid that is nobody's.
    func caller(uid: UInt32, _ catalogue: Catalogue) throws(PhjobError) -> Caller {
        guard !Self.nobodies.contains(uid), let account = users.account(uid: uid) else {
            throw PhjobError(
                .forbidden, "uid \(uid) is no user of this machine",
                hint: "jobs belong to people; call as one, and not from inside a container")
        }
        return caller(account, catalogue)
    }

    /// An account as a caller, by the catalogue's Unix groups.
    package func caller(_ account: UserAccount, _ catalogue: Catalogue) -> Caller {
        Caller(
            user: JobSpec.User(name: account.name, uid: account.uid, gid: account.gid),
            unixGroups: members(account, of: catalogue.unixGroups),
            isAdministrator: account.uid == 0 || !members(account, of: [Access.administrators]).isEmpty)
    }

    /// Those of the Unix groups that somebody is in now. Nothing is looked up if there are none.
    func members(_ account: UserAccount, of names: Set<String>) -> Set<String> {
        if names.isEmpty { return [] }
        let ids = users.groupIDs(of: account)
        return names.filter { users.groupID(named: $0).map(ids.contains) ?? false }
    }

    /// Why a job must not begin: since it was submitted, its submitter has lost the right to it, or their group to what it
    /// would get; nil if neither has.
    func whyNotPermitted(_ spec: JobSpec, _ catalogue: Catalogue) -> String? {
        guard let account = users.account(uid: spec.user.uid), account.name == spec.user.name else {
            return "\(spec.user.name) (uid \(spec.user.uid)) is no user of this machine any more"
        }
        let groups = catalogue.groups(of: caller(account, catalogue))
        guard let group = groups.first(where: { $0.name == spec.groupName }) else {
            return "\(spec.user.name) is not a member of group '\(spec.groupName)' any more"
        }
        if let id = spec.groupID, group.unixGroup.flatMap(users.groupID) != id {
            return "the Unix group with gid \(id) is not that of group '\(group.name)' any more"
        }
        return catalogue.whatIsWithdrawn(from: spec)
    }
}
