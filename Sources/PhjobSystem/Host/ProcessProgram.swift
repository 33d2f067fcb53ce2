import Glibc

/// The file that a process runs (proc(5), `/proc/<pid>/exe`). Arguments and other names a process chooses itself.
package struct ProcessProgram: Sendable, Equatable {
    /// The file's path, as the kernel tells it; of one that was removed or replaced since, where it was.
    package let path: String
    /// Whether the file lies where the kernel says, and nobody but root can change it or put another in its place. What runs in
    /// a container, or in a mount namespace of its own, may have a file of its own at the same path.
    package let isRoots: Bool
    /// Whether the file belongs to root.
    package let belongsToRoot: Bool
    /// Whether the file gives its rights to whoever starts it (execve(2)): then that one has chosen all but the program. A file
    /// may lose the bit while processes run it, as in an upgrade: then it is not ``isRoots`` any more.
    package let isSetID: Bool

    /// The file's name, without its path.
    package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// - Returns: nil if there is no such process, or the kernel does not tell us.
    package init?(of pid: Int32) {
        var file = stat()
        guard let path = ProcessFiles.link("/proc/\(pid)/exe"),
            fstatat(AT_FDCWD, "/proc/\(pid)/exe", &file, 0) == 0
        else { return nil }
        isRoots = SecurePath.isRoots(path, file)
        belongsToRoot = file.st_uid == 0
        isSetID = file.st_mode & (S_ISUID | S_ISGID) != 0
        // As the kernel marks one that has been removed or replaced meanwhile, by an upgrade for example.
        self.path = path.hasSuffix(Self.deleted) ? String(path.dropLast(Self.deleted.count)) : path
    }

    private static let deleted = " (deleted)"

    /// Whether it is the file at `program`, which is root's, still there, and gives no rights to its starter.
    package func isProgram(at program: String) -> Bool {
        isRoots && !isSetID && (try? Directory.resolved(program)) == path
    }

    /// The numbers of the processes whose file is at `program` by its path, which is quick to see and not enough.
    package static func candidates(for program: String) -> [Int32] {
        guard let path = try? Directory.resolved(program) else { return [] }
        return ProcessTable.numbers.filter { ProcessFiles.link("/proc/\($0)/exe") == path }
    }
}
