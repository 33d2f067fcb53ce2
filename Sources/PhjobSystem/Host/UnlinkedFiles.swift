import Glibc

/// Files that have no name any more and stay on the disk because processes have them open or mapped.
package enum UnlinkedFiles {
    /// The bytes on disk of the nameless files that a process and its descendants hold, each file counted once and as
    /// 4 KiB at least.
    ///
    /// What is in flight between processes (unix(7), `SCM_RIGHTS`) is not seen, and of a process that starts others all
    /// the time some may be missed: another look finds them.
    ///
    /// - Parameters:
    ///   - devices: the file systems that count (`st_dev`), each with the number that it counts by: a union mount shows
    ///     its upper directory's files under its own number.
    ///   - shared: mount points in the processes' own view whose files do not count.
    ///   - limit: nothing is looked at any more once there is more than that.
    package static func size(
        heldBy root: Int32, on devices: [UInt: UInt], exceptBelow shared: [String], limit: Int64
    ) -> Int64 {
        var seen: Set<File> = []
        var total: Int64 = 0
        for pid in ProcessTable.descendants(of: root) {
            for folder in folders(of: pid) {
                guard let stream = try? DirectoryStream(opening: folder, in: AT_FDCWD) else { continue }
                while let name = try? stream.next() {
                    guard let status = nameless(name, in: stream.descriptor, exceptBelow: shared),
                        let device = devices[status.st_dev],
                        seen.insert(File(device: device, inode: status.st_ino)).inserted
                    else { continue }
                    // In units of 512 bytes, whatever the block size (stat(3type)).
                    total += max(Int64(status.st_blocks) * 512, 4096)
                    if total > limit { return total }
                }
            }
        }
        return total
    }

    private struct File: Hashable {
        let device: dev_t
        let inode: ino_t
    }

    /// Where the kernel lists what a process has open and mapped. A thread may have descriptors of its own (unshare(2),
    /// `CLONE_FILES`), but no memory of its own; the first thread may have ended before the others.
    private static func folders(of pid: pid_t) -> [String] {
        let tasks = "/proc/\(pid)/task"
        guard let directory = try? Descriptor(opening: tasks, flags: O_RDONLY | O_DIRECTORY),
            let threads = try? Directory.names(in: directory), let last = threads.last
        else { return [] }
        return threads.map { "\(tasks)/\($0)/fd" } + ["/proc/\(last)/map_files"]
    }

    /// What a link of `/proc/<pid>/fd` or `map_files` leads to; `nil` if that has a name, or is no ordinary file.
    private static func nameless(
        _ link: UnsafePointer<CChar>, in directory: Int32, exceptBelow shared: [String]
    ) -> stat? {
        // The text first: to look at a file may block for ever where its server is away, to read the link never does.
        let path = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer -> String? in
            guard let bytes = buffer.baseAddress else { return nil }
            let count = readlinkat(directory, link, bytes, buffer.count)
            // Too deep for a path: nothing is known but by looking.
            if count < 0, errno == ENAMETOOLONG { return " (deleted)" }
            guard count > 0 else { return nil }
            return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        guard let path, path.hasSuffix(" (deleted)"), !shared.contains(where: { MountTable.isAt(path, orBelow: $0) })
        else { return nil }
        var status = stat()
        guard fstatat(directory, link, &status, 0) == 0, status.st_nlink == 0, status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        return status
    }
}
