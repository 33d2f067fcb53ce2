package import Glibc

/// The group database (getgrnam(3), getgrouplist(3)).
package enum UnixGroup {
    /// The gid of a group; nil if there is none of that name.
    package static func id(named name: String) -> gid_t? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        while true {
            let result = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
            // A group may have many members, whose names all come with it.
            guard result == ERANGE, buffer.count < 64 << 20 else {
                return result == 0 && found != nil ? entry.gr_gid : nil
            }
            buffer = [CChar](repeating: 0, count: buffer.count * 4)
        }
    }

    /// The gids of all groups that a user is in now, the primary one among them.
    package static func ids(of account: UserAccount) -> Set<gid_t> {
        var count: Int32 = 64
        while true {
            var ids = [gid_t](repeating: 0, count: Int(count))
            let room = count
            if getgrouplist(account.name, account.gid, &ids, &count) >= 0 { return Set(ids.prefix(Int(count))) }
            // It says how many there are; more may have come since.
            count = max(count, room) * 2
        }
    }
}
