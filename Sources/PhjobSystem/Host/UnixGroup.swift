package import Glibc

/// The group database (getgrnam(3), getgrouplist(3)).
package enum UnixGroup {
    /// The gid of a group; nil if there is none of that name.
    ///
    /// - Throws: ``AccountLookupError`` if nobody can tell at the moment.
    package static func id(named name: String) throws(AccountLookupError) -> gid_t? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        while true {
            let result = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
            // A group may have many members, whose names all come with it.
            if result == ERANGE, buffer.count < 64 << 20 {
                buffer = [CChar](repeating: 0, count: buffer.count * 4)
                continue
            }
            guard result == 0 else { throw AccountLookupError("the Unix group '\(name)'", number: result) }
            return found == nil ? nil : entry.gr_gid
        }
    }

    /// The gids of all groups that a user is in now, the primary one among them, as far as the group database can tell:
    /// of a directory service that is down getgrouplist(3) says nothing.
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
