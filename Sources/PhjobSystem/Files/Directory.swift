package import Glibc

/// What phjob does with directories.
package enum Directory {
    /// Opens a directory; a symbolic link as its last component is an error.
    package static func open(_ path: String) throws(SystemError) -> Descriptor {
        try Descriptor(opening: path, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }

    /// Makes a directory and those above it that are missing; one that exists is left as it is.
    package static func create(_ path: String, mode: mode_t = 0o700) throws(SystemError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw SystemError("cannot make the directory \(path)")
        }
        try create(String(path[..<slash]), mode: mode)
        if mkdir(path, mode) != 0, errno != EEXIST { throw SystemError("cannot make the directory \(path)") }
    }

    /// Where a path leads without symbolic links (realpath(3)).
    package static func resolved(_ path: String) throws(SystemError) -> String {
        guard let resolved = realpath(path, nil) else { throw SystemError("cannot find \(path)") }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The names in a directory without `.` and `..`, in no order; bytes that are not UTF-8 are shown as U+FFFD.
    package static func names(in directory: Descriptor) throws(SystemError) -> [String] {
        try rawNames(in: directory).map { String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) }
    }

    /// The names in a directory as they are, each with its final NUL: Linux allows any bytes in them.
    static func rawNames(in directory: Descriptor) throws(SystemError) -> [[CChar]] {
        let stream = try DirectoryStream(opening: ".", in: directory.number)
        var names: [[CChar]] = []
        while let name = try stream.next() {
            names.append(Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1)))
        }
        return names
    }

    /// Bytes free for ordinary users on the file system of `path`, and its size.
    package static func space(at path: String) throws(SystemError) -> (free: Int64, total: Int64) {
        var status = statvfs()
        try retrying("cannot look at the file system of \(path)") { statvfs(path, &status) }
        return (Int64(status.f_bavail) * Int64(status.f_frsize), Int64(status.f_blocks) * Int64(status.f_frsize))
    }

    /// Files that ordinary users can still make on the file system of `path`, and how many it can have (statvfs(3)).
    ///
    /// - Returns: `nil` if it makes inodes as they are needed, as btrfs does.
    package static func inodes(at path: String) throws(SystemError) -> (free: Int64, total: Int64)? {
        var status = statvfs()
        try retrying("cannot look at the file system of \(path)") { statvfs(path, &status) }
        return status.f_files == 0 ? nil : (Int64(clamping: status.f_favail), Int64(clamping: status.f_files))
    }
}
