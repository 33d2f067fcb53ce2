/// Who asks, as the kernel and the user database know them at this moment. Nothing of it is the caller's own word.
package struct Caller: Sendable, Equatable {
    package var user: JobSpec.User
    /// Those of the catalogue's Unix groups that they are in now.
    package var unixGroups: Set<String>
    /// Those, and `phjob-admin`, of which the group database did not tell. Nobody has a right by them meanwhile, nor is
    /// anybody told that they have none.
    package var unknownUnixGroups: Set<String>
    /// Whether they see and manage everything: root, the members of `phjob-admin`, and in personal mode the owner.
    package var isAdministrator: Bool

    package init(
        user: JobSpec.User, unixGroups: Set<String> = [], unknownUnixGroups: Set<String> = [],
        isAdministrator: Bool = false
    ) {
        self.user = user
        self.unixGroups = unixGroups
        self.unknownUnixGroups = unknownUnixGroups
        self.isAdministrator = isAdministrator
    }
}

extension Catalogue {
    /// The groups that a caller belongs to, in the catalogue's order.
    package func groups(of caller: Caller) -> [Group] {
        groups.filter { group in
            group.users.contains(caller.user.name) || group.unixGroup.map(caller.unixGroups.contains) ?? false
        }
    }

    /// The Unix groups whose members it speaks of.
    package var unixGroups: Set<String> { Set(groups.compactMap(\.unixGroup)) }
}
