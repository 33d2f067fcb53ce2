import CPhjobLinux
import Glibc

/// Who holds a lock, as the kernel knows it. What the locked file says of its holder does not count here.
extension FileLock {
    /// The process that holds the lock at `path`; `nil` if none does, or if that cannot be told.
    package static func holder(path: String) -> Int32? {
        var status = stat()
        guard stat(path, &status) == 0,
            let text = try? Descriptor(opening: "/proc/locks", flags: O_RDONLY).readAll(limit: 4 << 20)
        else { return nil }
        // The device that is listed there is not always that of stat(2) (btrfs, overlayfs), so the file itself is compared.
        return holders(in: String(decoding: text, as: UTF8.self), inode: UInt64(status.st_ino))
            .first { hasOpen(status, $0) }
    }

    /// Sends a signal to the process that holds the lock at `path`, and to no other; never to this one.
    ///
    /// - Returns: its number; `nil` if no signal was sent: there is none, it is not ours, or it cannot be told.
    package static func signalHolder(of path: String, _ signal: Int32) -> Int32? {
        guard let pid = holder(path: path), pid != getpid() else { return nil }
        let number = phjob_pidfd_open(pid)
        guard number >= 0 else { return nil }
        let process = Descriptor(owning: number)
        // Looked at again after opening: if it is the holder still, the descriptor is of that process.
        guard holder(path: path) == pid, phjob_pidfd_send_signal(process.number, signal) == 0 else { return nil }
        return pid
    }

    /// The holders of exclusive locks of flock(2) on files with an inode number, by the text of `/proc/locks` (proc_locks(5)):
    /// `1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`.
    static func holders(in text: String, inode: UInt64) -> [Int32] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            // A line of a process that waits has `->` before its kind.
            guard fields.count >= 6, fields[1] == "FLOCK", fields[3] == "WRITE", let pid = Int32(fields[4]), pid > 0,
                fields[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode
            else { return nil }
            return pid
        }
    }

    /// Whether a process of ours has a file open. Of another user's process only root can tell.
    private static func hasOpen(_ file: stat, _ pid: Int32) -> Bool {
        guard let directory = try? Descriptor(opening: "/proc/\(pid)/fd", flags: O_RDONLY | O_DIRECTORY),
            let names = try? Directory.names(in: directory)
        else { return false }
        return names.contains { name in
            var found = stat()
            return fstatat(directory.number, name, &found, 0) == 0 && found.st_dev == file.st_dev
                && found.st_ino == file.st_ino
        }
    }
}
