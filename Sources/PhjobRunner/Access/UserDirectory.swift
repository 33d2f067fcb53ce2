import PhjobCore
import PhjobSystem

/// What the machine knows of its users; asked afresh each time, so that who leaves a group has left it.
protocol UserDirectory: Sendable {
    /// Nil for a uid that has no entry.
    func account(uid: UInt32) -> UserAccount?
    func groupIDs(of account: UserAccount) -> Set<UInt32>
    /// Nil if there is no such Unix group.
    func groupID(named name: String) -> UInt32?
}

/// The user and group databases of this machine.
struct SystemUsers: UserDirectory {
    func account(uid: UInt32) -> UserAccount? { UserAccount(uid: uid) }
    func groupIDs(of account: UserAccount) -> Set<UInt32> { UnixGroup.ids(of: account) }
    func groupID(named name: String) -> UInt32? { UnixGroup.id(named: name) }
}
