import Glibc

/// The mounts that a process sees, as proc_pid_mountinfo(5) lists them.
package struct MountTable: Sendable, Equatable {
    package struct Mount: Sendable, Equatable {
        package let id: Int
        /// The mount that it lies in.
        package let parent: Int
        /// What of its file system is shown, as a path in it.
        package let shown: String
        /// Its mount point, as a path from the process's root.
        package let point: String
        package let fileSystem: String
        /// Options of the mount, such as `ro`.
        package let options: Substring
        /// Options of the file system, such as `upperdir=…`.
        package let superOptions: Substring
    }

    package let mounts: [Mount]
    private let children: [Int: [Mount]]
    private let root: Mount?

    /// - Parameter text: the content of `/proc/<pid>/mountinfo`; lines that cannot be understood are left out.
    package init(parsing text: String) {
        mounts = text.split(separator: "\n").compactMap(Mount.init(parsing:))
        children = Dictionary(grouping: mounts.filter { $0.id != $0.parent }) { $0.parent }
        let ids = Set(mounts.map(\.id))
        root = mounts.first { $0.point == "/" && ($0.id == $0.parent || !ids.contains($0.parent)) }
    }

    /// The mounts that a process sees; this one's if none is named.
    package init(of pid: Int32? = nil) throws(SystemError) {
        let file = try Descriptor(opening: "/proc/\(pid.map { "\($0)" } ?? "self")/mountinfo", flags: O_RDONLY)
        self.init(parsing: String(decoding: try file.readAll(limit: 64 << 20), as: UTF8.self))
    }

    /// The mount that a path leads into.
    ///
    /// - Parameter path: absolute, without symbolic links.
    package func mount(holding path: String) -> Mount? {
        guard var current = root else { return nil }
        // Of several on the way the kernel meets the shortest first; what is mounted over it is its child.
        while let next = children[current.id]?.filter({ Self.isAt(path, orBelow: $0.point) })
            .min(by: { $0.point.utf8.count < $1.point.utf8.count })
        {
            current = next
        }
        return current
    }

    /// Whether something is mounted exactly at a path. An automount that has not been triggered is nothing
    /// (autofs(5)).
    package func isMountPoint(_ path: String) -> Bool {
        guard let mount = mount(holding: path) else { return false }
        return mount.point == path && mount.fileSystem != "autofs"
    }

    /// The mount points below a path that can be reached from it, parents first. What another mount hides is left out.
    ///
    /// - Parameter path: absolute, without symbolic links.
    package func points(below path: String) -> [String] {
        guard let holder = mount(holding: path) else { return [] }
        var found: [String] = []
        var open = [(mount: holder, path: path)]
        while let (mount, path) = open.popLast() {
            var passed: [String] = []
            let below = (children[mount.id] ?? []).filter { $0.point != path && Self.isAt($0.point, orBelow: path) }
            for child in below.sorted(by: { $0.point.utf8.count < $1.point.utf8.count })
            where !passed.contains(where: { Self.isAt(child.point, orBelow: $0) }) {
                passed.append(child.point)
                found.append(child.point)
                open.append((self.mount(holding: child.point) ?? child, child.point))
            }
        }
        return found.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    }

    /// Whether one path is another, or lies below it.
    package static func isAt(_ path: String, orBelow other: String) -> Bool {
        if other == "/" || path.utf8.elementsEqual(other.utf8) { return true }
        return path.utf8.starts(with: other.utf8) && path.utf8.dropFirst(other.utf8.count).first == UInt8(ascii: "/")
    }
}

extension MountTable.Mount {
    /// A line such as `36 35 98:0 /root /mnt/point rw,noatime master:1 - ext4 /dev/root rw,errors=continue`.
    fileprivate init?(parsing line: Substring) {
        let fields = line.split(separator: " ")
        guard fields.count >= 9, let id = Int(fields[0]), let parent = Int(fields[1]),
            let dash = fields[6...].firstIndex(of: "-"), dash + 2 < fields.endIndex
        else { return nil }
        self.id = id
        self.parent = parent
        shown = Self.unescaped(fields[3])
        point = Self.unescaped(fields[4])
        options = fields[5]
        fileSystem = String(fields[dash + 1])
        superOptions = dash + 3 < fields.endIndex ? fields[dash + 3] : ""
    }

    package var isReadOnly: Bool { options.split(separator: ",").contains("ro") }

    /// An option of the file system, such as the path of `upperdir=<path>`.
    package func superOption(_ name: String) -> String? {
        superOptions.split(separator: ",").first { $0.hasPrefix("\(name)=") }
            .map { Self.unescaped($0.dropFirst(name.utf8.count + 1)) }
    }

    /// Space, tab, newline and backslash are written as a backslash and three octal digits.
    private static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let value = UInt8(String(digits) ?? "", radix: 8) {
                bytes.append(value)
                rest.removeFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
