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

    /// Nil for a uid that has no entry: such a caller is nobody.
    package init?(uid: uid_t) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        name = String(cString: entry.pw_name)
        self.uid = entry.pw_uid
        gid = entry.pw_gid
        home = String(cString: entry.pw_dir)
    }

    /// The user that this process runs as.
    package static var current: UserAccount? { UserAccount(uid: geteuid()) }
}
