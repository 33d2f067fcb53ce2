import Glibc

/// A lock on a file, held until it is released or the process ends, however it ends (flock(2)).
package final class FileLock: Sendable {
    private let file: Descriptor

    /// Takes the lock without waiting.
    ///
    /// - Returns: nil if another process holds it.
    package init?(path: String) throws(SystemError) {
        file = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw SystemError("cannot lock \(path)") }
            // A holder refuses this too; one who only asks, with ``isHeld(path:)``, does not, and is gone in a moment.
            if flock(file.number, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK { return nil }
        }
    }

    deinit {
        // A child that has been forked and has not reached its program yet still has the file open; this frees it there
        // too.
        flock(file.number, LOCK_UN)
    }

    /// Replaces the file's content, which is for people and for finding the holder; the lock does not depend on it.
    package func setContent(_ text: String) throws(SystemError) {
        // Over what was there: on a full disk that needs no room.
        lseek(file.number, 0, SEEK_SET)
        try file.write(Array(text.utf8))
        try retrying("cannot write the lock file") { ftruncate(file.number, off_t(text.utf8.count)) }
    }

    /// Takes the lock for a program to be started: with the file as its standard input it holds the lock for as long as it
    /// lives, and so does each child that it passes its input on to.
    ///
    /// - Returns: the locked file, which is empty; `nil` if another program holds it. Closing it here frees nothing that a
    ///   child still has open (flock(2)).
    package static func openLocked(_ path: String) throws(SystemError) -> Descriptor? {
        let file = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw SystemError("cannot lock \(path)") }
        }
        return file
    }

    /// Whether some process holds the lock at `path`.
    package static func isHeld(path: String) -> Bool {
        guard let file = try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW) else { return false }
        if flock(file.number, LOCK_SH | LOCK_NB) != 0 { return errno == EWOULDBLOCK }
        flock(file.number, LOCK_UN)
        return false
    }
}
