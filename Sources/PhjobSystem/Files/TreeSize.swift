import Glibc

/// Measures a directory tree that somebody else fills, also while they do.
///
/// Never follows a symbolic link, and stays on one file system. A file with several names counts once a name, and
/// everything as 4 KiB at least: empty files use up a file system too, and so a limit bounds the number of steps as
/// well.
///
/// Takes time in proportion to the number of names, and memory in proportion to the depth alone, whatever the tree's
/// shape.
package enum TreeSize {
    /// Directories on the way down that stay open. Deeper ones are found again by `..`, so that depth costs no
    /// descriptors.
    private static let openLevels = 64
    /// No path leads to a directory so deep (PATH_MAX of limits.h(0p) is 4096), so nobody has one by mistake.
    package static let deepest = 1 << 12

    /// A directory on the way down.
    private struct Level {
        let inode: ino_t
        /// Where reading it goes on.
        let position: Int
        let stream: DirectoryStream?
    }

    /// The bytes on disk of `name` in `directory` with all that is in it; 0 if there is no such thing.
    ///
    /// - Parameters:
    ///   - limit: nothing is read any more once there is more than that.
    ///   - deepest: how deep directories may be nested.
    /// - Throws: ``SystemError`` if the tree itself cannot be entered; what comes and goes below it is left out. With
    ///   `ENAMETOOLONG` if directories are nested deeper, and with `EBUSY` if deep ones were moved meanwhile.
    package static func measure(
        _ name: String, in directory: Descriptor, limit: Int64 = .max, deepest: Int = deepest
    ) throws(SystemError) -> Int64 {
        var current: DirectoryStream
        do {
            current = try DirectoryStream(opening: name, in: directory.number)
        } catch {
            if error.number == ENOENT { return 0 }
            throw error
        }
        var (device, inode) = try identity(of: current)
        var above: [Level] = []
        var total: Int64 = 0
        while total <= limit {
            guard let name = try? current.next() else {
                guard let level = above.popLast() else { break }
                current = try entered(level, on: device, from: current)
                inode = level.inode
                continue
            }
            var status = stat()
            guard fstatat(current.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            // In units of 512 bytes, whatever the block size (stat(3type)).
            total += max(Int64(status.st_blocks) * 512, 4096)
            guard status.st_mode & S_IFMT == S_IFDIR, status.st_dev == device,
                let below = try? DirectoryStream(opening: name, in: current.descriptor),
                let found = try? identity(of: below), found.device == device
            else { continue }
            guard above.count < deepest else {
                throw SystemError("cannot measure directories that are so deep", number: ENAMETOOLONG)
            }
            let isKept = above.count < openLevels
            above.append(Level(inode: inode, position: current.position, stream: isKept ? current : nil))
            (current, inode) = (below, found.inode)
        }
        return total
    }

    /// Like ``measure(_:in:limit:)``, for a tree whose owner may not want it measured.
    ///
    /// - Returns: `Int64.max` if its shape keeps it from being measured: nested too deep, or deep directories that are
    ///   moved at each of several attempts; 0 if it cannot be entered.
    package static func measureUntrusted(_ name: String, in directory: Descriptor, limit: Int64) -> Int64 {
        for _ in 0..<5 {
            do throws(SystemError) {
                return try measure(name, in: directory, limit: limit)
            } catch {
                if error.number == ENAMETOOLONG { return .max }
                guard error.number == EBUSY else { return 0 }
            }
        }
        return .max
    }

    private static func entered(
        _ level: Level, on device: dev_t, from below: DirectoryStream
    ) throws(SystemError) -> DirectoryStream {
        if let stream = level.stream { return stream }
        let stream = try DirectoryStream(opening: "..", in: below.descriptor)
        // Whose tree it is may move a directory about meanwhile; ".." may then lead out of the tree.
        guard try identity(of: stream) == (device, level.inode) else {
            throw SystemError("cannot measure directories that are being moved", number: EBUSY)
        }
        stream.position = level.position
        return stream
    }

    private static func identity(of stream: DirectoryStream) throws(SystemError) -> (device: dev_t, inode: ino_t) {
        var status = stat()
        try retrying("cannot look at a directory") { fstat(stream.descriptor, &status) }
        return (status.st_dev, status.st_ino)
    }
}
