import CPhjobLinux
import Glibc

/// Removes a directory tree that somebody else filled.
///
/// Works on descriptors only and never follows a symbolic link, so nothing outside the tree can be reached; keeps its
/// own stack, so depth is no limit; stays on one file system, so nothing that was mounted inside is emptied.
package enum TreeRemoval {
    /// Removes `name` in `directory` with all that is in it. That it does not exist is no error.
    ///
    /// - Throws: ``SystemError`` for the first thing that could not be removed, after everything else was.
    package static func remove(_ name: String, in directory: Descriptor) throws(SystemError) {
        if unlinkat(directory.number, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw SystemError("cannot remove \(name)") }
        var failure: SystemError?
        try empty(Array(name.utf8CString), in: directory, failure: &failure)
        if unlinkat(directory.number, name, AT_REMOVEDIR) != 0, errno != ENOENT {
            throw failure ?? SystemError("cannot remove \(name)")
        }
    }

    /// A directory on the way down: open only while it is worked on, so that depth does not cost descriptors.
    private struct Level {
        /// With its final NUL; a job's files may have names that are not UTF-8.
        let name: [CChar]
        let identity: Identity
        var subdirectories: [[CChar]]
    }

    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t

        init(of directory: Descriptor) throws(SystemError) {
            let status = try directory.status()
            device = status.st_dev
            inode = status.st_ino
        }
    }

    private static func empty(_ name: [CChar], in parent: Descriptor, failure: inout SystemError?) throws(SystemError) {
        let device = try Identity(of: parent).device
        var (current, identity) = try enter(name, in: parent, device: device)
        var path = [Level(name: name, identity: identity, subdirectories: removeFiles(in: current, failure: &failure))]
        while let level = path.last {
            if let next = level.subdirectories.last {
                path[path.count - 1].subdirectories.removeLast()
                do {
                    (current, identity) = try enter(next, in: current, device: device)
                } catch {
                    failure = failure ?? error
                    continue
                }
                let below = removeFiles(in: current, failure: &failure)
                path.append(Level(name: next, identity: identity, subdirectories: below))
            } else {
                path.removeLast()
                guard let above = path.last else { return }
                current = try Descriptor(opening: "..", in: current, flags: O_RDONLY | O_DIRECTORY)
                // Whoever still has a directory of the tree open can move it about in there; ".." may then lead out of
                // it.
                guard try Identity(of: current) == above.identity else {
                    throw SystemError("cannot remove \(shown(level.name)): it was moved meanwhile", number: EBUSY)
                }
                if unlinkat(current.number, level.name, AT_REMOVEDIR) != 0, errno != ENOENT {
                    failure = failure ?? SystemError("cannot remove \(shown(level.name))")
                }
            }
        }
    }

    private static func enter(
        _ name: [CChar], in parent: Descriptor, device: dev_t
    ) throws(SystemError) -> (Descriptor, Identity) {
        let directory = try openDirectory(name, in: parent)
        let identity = try Identity(of: directory)
        guard identity.device == device else {
            throw SystemError("cannot remove \(shown(name)): another file system is mounted there", number: EXDEV)
        }
        return (directory, identity)
    }

    /// Opens a directory for emptying, also one whose owner forbade it to everybody.
    private static func openDirectory(_ name: [CChar], in parent: Descriptor) throws(SystemError) -> Descriptor {
        do {
            let directory = try open(name, in: parent, flags: O_RDONLY)
            if faccessat(directory.number, ".", W_OK | X_OK, 0) != 0 { fchmod(directory.number, 0o700) }
            return directory
        } catch {
            guard error.number == EACCES else { throw error }
            // chmod(2) by name would follow a link; a descriptor that is for nothing but looking needs no right to
            // read.
            let directory = try open(name, in: parent, flags: phjob_O_PATH)
            guard chmod("/proc/self/fd/\(directory.number)", 0o700) == 0 else { throw error }
            return try Descriptor(opening: ".", in: directory, flags: O_RDONLY | O_DIRECTORY)
        }
    }

    private static func open(_ name: [CChar], in parent: Descriptor, flags: Int32) throws(SystemError) -> Descriptor {
        let number = try retrying("cannot enter \(shown(name))") {
            openat(parent.number, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        return Descriptor(owning: number)
    }

    /// Removes everything but directories; gives the names of those.
    private static func removeFiles(in directory: Descriptor, failure: inout SystemError?) -> [[CChar]] {
        guard let names = try? Directory.rawNames(in: directory) else { return [] }
        return names.filter { name in
            if unlinkat(directory.number, name, 0) == 0 || errno == ENOENT { return false }
            if errno == EISDIR || errno == EPERM { return true }
            failure = failure ?? SystemError("cannot remove \(shown(name))")
            return false
        }
    }

    private static func shown(_ name: [CChar]) -> String {
        String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
