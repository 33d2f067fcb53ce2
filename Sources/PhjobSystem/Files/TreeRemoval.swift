import CPhjobLinux
import Glibc

/// Removes a directory tree that another user filled, and may still be filling.
///
/// Works on descriptors only and never follows a symbolic link, so nothing outside the tree can be reached; keeps its
/// own stack, so depth is no limit; stays on one file system, so nothing that was mounted inside is emptied. Memory is
/// in proportion to the depth, not to the number of names.
///
/// As root, each directory is made root's own (mode 0700) before it is emptied: a process of the tree's owner that has
/// it open can create nothing in it any more, so the removal comes to an end.
package enum TreeRemoval {
    /// Directories on the way down that stay open. Deeper ones are found again by `..`.
    private static let openLevels = 64

    /// Removes `name` in `directory` with all that is in it. That it does not exist is no error.
    ///
    /// - Throws: ``SystemError`` for the first thing that could not be removed, after everything else was; below a
    ///   depth of 64, the rest of a directory is left once a directory in it could not be removed.
    package static func remove(_ name: String, in directory: Descriptor) throws(SystemError) {
        if unlinkat(directory.number, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw SystemError("cannot remove \(name)") }
        var failure: SystemError?
        try empty(Array(name.utf8CString), in: directory, failure: &failure)
        if unlinkat(directory.number, name, AT_REMOVEDIR) != 0, errno != ENOENT {
            throw failure ?? SystemError("cannot remove \(name)")
        }
    }

    /// A directory on the way down.
    private struct Level {
        /// With its final NUL; a job's files may have names that are not UTF-8.
        let name: [CChar]
        let identity: Identity
        /// `nil` while a deeper directory is worked on, below ``openLevels``.
        var stream: DirectoryStream?
        /// Whether anything was removed since the listing was begun. Then it is read again: a directory that changes
        /// while it is read may leave names out (readdir(3p)).
        var hasProgress = false
        var isGivenUp = false
    }

    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t

        init(_ status: stat) { (device, inode) = (status.st_dev, status.st_ino) }
    }

    private static func empty(_ name: [CChar], in parent: Descriptor, failure: inout SystemError?) throws(SystemError) {
        let device = try parent.status().st_dev
        var path = [try enter(name, in: parent.number, device: device)]
        while var level = path.popLast(), let stream = level.stream {
            if let next = level.isGivenUp ? nil : removeFiles(stream, &level, failure: &failure) {
                do {
                    let below = try enter(next, in: stream.descriptor, device: device)
                    if path.count >= openLevels { level.stream = nil }
                    path += [level, below]
                } catch {
                    failure = failure ?? error
                    path.append(level)
                }
                continue
            }
            if level.hasProgress, !level.isGivenUp {
                level.hasProgress = false
                stream.rewind()
                path.append(level)
                continue
            }
            guard var above = path.popLast() else { return }
            let wasOpen = above.stream != nil
            let parent: DirectoryStream
            if let open = above.stream {
                parent = open
            } else {
                parent = try reopened(above, from: stream, name: level.name)
            }
            above.stream = parent
            if unlinkat(parent.descriptor, level.name, AT_REMOVEDIR) == 0 || errno == ENOENT {
                above.hasProgress = true
            } else {
                failure = failure ?? SystemError("cannot remove \(shown(level.name))")
                // Its listing begins again and would lead into the same directory again.
                above.isGivenUp = !wasOpen
            }
            path.append(above)
        }
    }

    /// Reads on and removes everything but directories.
    ///
    /// - Returns: the next directory; `nil` at the end.
    private static func removeFiles(
        _ stream: DirectoryStream, _ level: inout Level, failure: inout SystemError?
    ) -> [CChar]? {
        while let name = try? stream.next() {
            if unlinkat(stream.descriptor, name, 0) == 0 || errno == ENOENT {
                level.hasProgress = true
            } else {
                let error = errno
                let copy = Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1))
                if error == EISDIR || error == EPERM { return copy }
                failure = failure ?? SystemError("cannot remove \(shown(copy))", number: error)
            }
        }
        return nil
    }

    private static func reopened(
        _ level: Level, from below: DirectoryStream, name: [CChar]
    ) throws(SystemError) -> DirectoryStream {
        let stream = try DirectoryStream(opening: "..", in: below.descriptor)
        // A process that still has a directory of the tree open can move it about in there; ".." may then lead out of it.
        guard Identity(try stream.status()) == level.identity else {
            throw SystemError("cannot remove \(shown(name)): it was moved meanwhile", number: EBUSY)
        }
        return stream
    }

    /// Opens a directory for emptying, also one whose owner forbade it to everybody.
    private static func enter(_ name: [CChar], in parent: Int32, device: dev_t) throws(SystemError) -> Level {
        // A descriptor that is for nothing but looking needs no right to read.
        let number = try retrying("cannot enter \(shown(name))") {
            openat(parent, name, phjob_O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        let place = Descriptor(owning: number)
        let status = try place.status()
        guard status.st_dev == device else {
            throw SystemError("cannot remove \(shown(name)): another file system is mounted there", number: EXDEV)
        }
        // By the descriptor: chmod(2) and chown(2) by name would follow a link (proc(5), /proc/[pid]/fd).
        let path = "/proc/self/fd/\(number)"
        if geteuid() == 0, status.st_uid != 0 || status.st_gid != 0 { chown(path, 0, 0) }
        if status.st_mode & 0o7777 != 0o700 { chmod(path, 0o700) }
        return Level(
            name: name, identity: Identity(status), stream: try DirectoryStream(opening: ".", in: place.number))
    }

    private static func shown(_ name: [CChar]) -> String {
        String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
