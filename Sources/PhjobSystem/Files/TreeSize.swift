import CPhjobLinux
import Glibc

/// Measures a directory tree that somebody else fills, also while they do.
///
/// Never follows a symbolic link, and stays on one file system. A file with several names counts once a name, and everything
/// as 4 KiB at least: empty files use up a file system too.
package enum TreeSize {
    /// The bytes on disk of `name` in `directory` with all that is in it; 0 if there is no such thing.
    ///
    /// - Parameter limit: is not measured much further than that.
    /// - Throws: ``SystemError`` if the tree itself cannot be entered; what comes and goes below it is left out.
    package static func measure(
        _ name: String, in directory: Descriptor, limit: Int64 = .max
    ) throws(SystemError) -> Int64 {
        var total: Int64 = 0
        let root: Descriptor
        do {
            root = try Descriptor(opening: name, in: directory, flags: O_RDONLY | O_DIRECTORY)
        } catch {
            if error.number == ENOENT { return 0 }
            throw error
        }
        let device = try root.status().st_dev
        // Only the names on the way are kept, and one directory is open at a time.
        var pending: [[[CChar]]] = [[]]
        while let path = pending.popLast(), total <= limit {
            guard let current = descend(path, from: root), let names = try? Directory.rawNames(in: current) else {
                continue
            }
            for name in names {
                var status = stat()
                guard fstatat(current.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
                // In units of 512 bytes, whatever the block size (stat(3type)).
                total += max(Int64(status.st_blocks) * 512, 4096)
                if status.st_mode & S_IFMT == S_IFDIR, status.st_dev == device { pending.append(path + [name]) }
            }
        }
        return total
    }

    private static func descend(_ path: [[CChar]], from root: Descriptor) -> Descriptor? {
        var current = root
        for name in path {
            let number = openat(current.number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard number >= 0 else { return nil }
            current = Descriptor(owning: number)
        }
        return current
    }
}
