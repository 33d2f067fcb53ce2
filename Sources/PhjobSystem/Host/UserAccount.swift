package import Glibc

/// An entry of the user database (getpwuid(3)).
package struct UserAccount: Sendable, Equatable {
    package let name: String
    package let uid: uid_t
    package let gid: gid_t
    package let home: String

    package init(name: String, uid: uid_t, gid: gid_t, home: String) {
        self.name = name
        self.uid = uid
        self.gid = gid
        self.home = home
    }

    /// The account of a uid; nil if it has no entry: such a caller is nobody.
    ///
    /// - Throws: ``AccountLookupError`` if nobody can tell at the moment.
    package static func find(uid: uid_t) throws(AccountLookupError) -> UserAccount? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        while true {
            let result = getpwuid_r(uid, &entry, &buffer, buffer.count, &found)
            if result == ERANGE, buffer.count < 64 << 20 {
                buffer = [CChar](repeating: 0, count: buffer.count * 4)
                continue
            }
            guard result == 0 else { throw AccountLookupError("uid \(uid)", number: result) }
            guard found != nil else { return nil }
            return UserAccount(
                name: String(cString: entry.pw_name), uid: entry.pw_uid, gid: entry.pw_gid,
                home: String(cString: entry.pw_dir))
        }
    }

    /// The user that this process runs as; nil if that cannot be told.
    package static var current: UserAccount? { try? find(uid: geteuid()) }
}
