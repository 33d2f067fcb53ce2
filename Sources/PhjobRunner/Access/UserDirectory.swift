import PhjobCore
import PhjobSystem

/// What the machine knows of its users; asked afresh each time, so that who leaves a group has left it.
protocol UserDirectory: Sendable {
    /// Nil for a uid that has no entry.
    func account(uid: UInt32) throws(AccountLookupError) -> UserAccount?
    /// Without those of a directory service that does not answer.
    func groupIDs(of account: UserAccount) -> Set<UInt32>
    /// Nil if there is no such Unix group.
    func groupID(named name: String) throws(AccountLookupError) -> UInt32?
}

/// The user and group databases of this machine.
struct SystemUsers: UserDirectory {
    func account(uid: UInt32) throws(AccountLookupError) -> UserAccount? { try UserAccount.find(uid: uid) }
    func groupIDs(of account: UserAccount) -> Set<UInt32> { UnixGroup.ids(of: account) }
    func groupID(named name: String) throws(AccountLookupError) -> UInt32? { try UnixGroup.id(named: name) }
}
