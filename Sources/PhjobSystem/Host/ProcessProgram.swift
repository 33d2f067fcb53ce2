package import Glibc

/// The file that a process runs (proc(5), `/proc/<pid>/exe`). Arguments and other names a process chooses itself.
package struct ProcessProgram: Sendable, Equatable {
    /// The file's name, without its path.
    package let name: String
    /// Whether the file lies where the kernel says, and nobody but root can change it or put another in its place. What runs in
    /// a container, or in a mount namespace of its own, may have a file of its own at the same path.
    package let isRoots: Bool

    /// - Returns: nil if there is no such process, or the kernel does not tell us.
    package init?(of pid: pid_t) {
        let link = "/proc/\(pid)/exe"
        var file = stat()
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0, fstatat(AT_FDCWD, link, &file, 0) == 0 else { return nil }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        isRoots = SecurePath.isRoots(path, file)
        // As the kernel marks one that has been replaced meanwhile, by an upgrade for example.
        let known = path.hasSuffix(Self.deleted) ? path.dropLast(Self.deleted.count) : path[...]
        name = known.split(separator: "/").last.map(String.init) ?? path
    }

    private static let deleted = " (deleted)"
}
