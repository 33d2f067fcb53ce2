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
    static let nobodies: Set<UInt32> = [65534, 65535, UInt32.max]

    /// - Parameter catalogue: whose Unix groups are looked at.
    /// - Throws: ``PhjobError`` with code `forbidden` for a uid that is nobody's, `unavailable` if that cannot be told.
    func caller(uid: UInt32, _ catalogue: Catalogue) throws(PhjobError) -> Caller {
        let account: UserAccount?
        do {
            account = Self.nobodies.contains(uid) ? nil : try users.account(uid: uid)
        } catch {
            throw error.phjobError
        }
        guard let account else {
            throw Self.noAccount("uid \(uid)")
        }
        return caller(account, catalogue)
    }

    /// The refusal of a caller without an account.
    ///
    /// - Parameter who: such as `uid 1000`.
    static func noAccount(_ who: String) -> PhjobError {
        PhjobError(
            .forbidden, "\(who) is no user of this machine",
            hint: "jobs belong to people; call as one, and not from inside a container")
    }

    /// An account as a caller, by the catalogue's Unix groups.
    package func caller(_ account: UserAccount, _ catalogue: Catalogue) -> Caller {
        let (groups, unknown) = memberships(account, of: catalogue.unixGroups.union([Access.administrators]))
        return Caller(
            user: JobSpec.User(name: account.name, uid: account.uid, gid: account.gid),
            unixGroups: groups.intersection(catalogue.unixGroups), unknownUnixGroups: unknown,
            isAdministrator: account.uid == 0 || groups.contains(Access.administrators))
    }

    /// Those of the Unix groups that somebody is in now, and those of which that is not known.
    func memberships(_ account: UserAccount, of names: Set<String>) -> (groups: Set<String>, unknown: Set<String>) {
        let ids = users.groupIDs(of: account)
        var result: (groups: Set<String>, unknown: Set<String>) = ([], [])
        for name in names {
            do throws(AccountLookupError) {
                if let id = try users.groupID(named: name), ids.contains(id) { result.groups.insert(name) }
            } catch {
                result.unknown.insert(name)
            }
        }
        return result
    }

    /// Why a job must not begin: since it was submitted, its submitter has lost the right to it, or their group to what it
    /// would get; nil if neither has.
    ///
    /// - Throws: ``AccountLookupError`` if that is not known at the moment.
    func whyNotPermitted(_ spec: JobSpec, _ catalogue: Catalogue) throws(AccountLookupError) -> String? {
        guard let account = try users.account(uid: spec.user.uid), account.name == spec.user.name else {
            return "\(spec.user.name) (uid \(spec.user.uid)) is no user of this machine any more"
        }
        let groups = catalogue.groups(of: caller(account, catalogue))
        guard let group = groups.first(where: { $0.name == spec.groupName }) else {
            // What the database does not tell is no loss of a right.
            if let name = catalogue.groups.first(where: { $0.name == spec.groupName })?.unixGroup {
                _ = try users.groupID(named: name)
            }
            return "\(spec.user.name) is not a member of group '\(spec.groupName)' any more"
        }
        if let id = spec.groupID, try groupID(of: group) != id {
            return "the Unix group with gid \(id) is not that of group '\(group.name)' any more"
        }
        return catalogue.whatIsWithdrawn(from: spec)
    }

    /// The gid of a group's Unix group.
    func groupID(of group: Catalogue.Group) throws(AccountLookupError) -> UInt32? {
        guard let name = group.unixGroup else { return nil }
        return try users.groupID(named: name)
    }
}

extension AccountLookupError {
    /// What a client is told.
    var phjobError: PhjobError {
        PhjobError(
            .unavailable, description,
            hint: "a directory service of this machine may be down; try again, or ask its administrator")
    }
}
