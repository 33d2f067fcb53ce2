import Glibc

/// What a process holds of the file system, by the kernel's word (proc(5)). Its owner needs the right to open a file, or to mount
/// it, to have it here.
package enum ProcessFiles {
    /// The paths of its open files. One that was removed since ends with ` (deleted)`.
    ///
    /// - Returns: none if it has ended or the kernel does not tell us.
    package static func open(in pid: Int32) -> [String] {
        guard let directory = try? Descriptor(opening: "/proc/\(pid)/fd", flags: O_RDONLY | O_DIRECTORY),
            let names = try? Directory.names(in: directory)
        else { return [] }
        return names.compactMap { link("/proc/\(pid)/fd/\($0)") }
    }

    /// What is mounted in its mount namespace: paths below the root of each mounted file system, which is not always where
    /// that one is mounted here. One that was removed since ends with `//deleted`.
    package static func mounted(in pid: Int32) -> [String] {
        guard
            let bytes = try? Descriptor(opening: "/proc/\(pid)/mountinfo", flags: O_RDONLY).readAll(limit: 16 << 20)
        else { return [] }
        return mounted(String(decoding: bytes, as: UTF8.self))
    }

    /// - Parameter listing: the text of `/proc/<pid>/mountinfo`; the root of a mount is the fourth field of its line, with
    ///   space, tab, line feed and backslash as three octal digits.
    static func mounted(_ listing: String) -> [String] {
        listing.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 4)
            guard fields.count == 5 else { return nil }
            return [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(fields[3])) {
                $0.replacing($1.0, with: $1.1)
            }
        }
    }

    /// Where a symbolic link of proc(5) leads.
    static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}
