import Glibc

extension UnixGroup {
    /// The names of all users in a group, in order: its own list (getgrnam(3)), and those whose primary group it is as far as the
    /// user database lists its users (getpwent(3); directory services mostly do not). Empty if there is no such group.
    ///
    /// Not to be called by two threads at once: the walk through the user database has one place in a process.
    package static func members(named name: String) -> [String] {
        guard let id = try? id(named: name) else { return [] }
        var names = listed(in: name)
        setpwent()
        defer { endpwent() }
        while let entry = getpwent() {
            if entry.pointee.pw_gid == id { names.insert(String(cString: entry.pointee.pw_name)) }
        }
        return names.sorted()
    }

    private static func listed(in name: String) -> Set<String> {
        guard let entry = getgrnam(name), var member = entry.pointee.gr_mem else { return [] }
        var names: Set<String> = []
        while let text = member.pointee {
            names.insert(String(cString: text))
            member += 1
        }
        return names
    }
}
