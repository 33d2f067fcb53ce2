import Glibc

/// Removes a directory tree that somebody else filled.
///
/// Works on descriptors only and never follows a symbolic link, so nothing outside the tree can be reached; keeps its own
/// stack, so depth is no limit; stays on one file system, so nothing that was mounted inside is emptied.
package enum TreeRemoval {
    /// Removes `name` in `directory` with all that is in it. That it does not exist is no error.
    ///
    /// - Throws: ``SystemError`` for the first thing that could not be removed, after everything else was.
    package static func remove(_ name: String, in directory: Descriptor) throws(SystemError) {
        if unlinkat(directory.number, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw SystemError("cannot remove \(name)") }
        let device = try directory.status().st_dev
        var failure: SystemError?
        try empty(name, in: directory, device: device, failure: &failure)
        if unlinkat(directory.number, name, AT_REMOVEDIR) != 0, errno != ENOENT {
            throw failure ?? SystemError("cannot remove \(name)")
        }
    }

    /// A directory on the way down: open only while it is worked on, so that depth does not cost descriptors.
    private struct Level {
        let name: String
        var subdirectories: [String]
    }

    private static func empty(
        _ name: String, in parent: Descriptor, device: dev_t, failure: inout SystemError?
    ) throws(SystemError) {
        var current = try openDirectory(name, in: parent)
        guard try current.status().st_dev == device else {
            throw SystemError("cannot remove \(name): another file system is mounted there", number: EXDEV)
        }
        var path = [Level(name: name, subdirectories: removeFiles(in: current, failure: &failure))]
        while let level = path.last {
            if let next = level.subdirectories.last {
                path[path.count - 1].subdirectories.removeLast()
                guard let below = try? openDirectory(next, in: current), (try? below.status().st_dev) == device else {
                    failure = failure ?? SystemError("cannot enter \(next)")
                    continue
                }
                path.append(Level(name: next, subdirectories: removeFiles(in: below, failure: &failure)))
                current = below
            } else {
                path.removeLast()
                guard !path.isEmpty else { return }
                // ".." is safe: the tree's parent is ours, so nobody can move what we stand in out of the tree.
                current = try Descriptor(opening: "..", in: current, flags: O_RDONLY | O_DIRECTORY)
                if unlinkat(current.number, level.name, AT_REMOVEDIR) != 0, errno != ENOENT {
                    failure = failure ?? SystemError("cannot remove \(level.name)")
                }
            }
        }
    }

    /// Opens a directory for emptying, also one whose owner forbade it to everybody.
    private static func openDirectory(_ name: String, in parent: Descriptor) throws(SystemError) -> Descriptor {
        do {
            let directory = try Descriptor(opening: name, in: parent, flags: O_RDONLY | O_DIRECTORY)
            if faccessat(directory.number, ".", W_OK | X_OK, 0) != 0 { fchmod(directory.number, 0o700) }
            return directory
        } catch {
            guard error.number == EACCES, fchmodat(parent.number, name, 0o700, 0) == 0 else { throw error }
            return try Descriptor(opening: name, in: parent, flags: O_RDONLY | O_DIRECTORY)
        }
    }

    /// Removes everything but directories; gives the names of those.
    private static func removeFiles(in directory: Descriptor, failure: inout SystemError?) -> [String] {
        guard let names = try? Directory.names(in: directory) else { return [] }
        return names.filter { name in
            if unlinkat(directory.number, name, 0) == 0 || errno == ENOENT { return false }
            if errno == EISDIR || errno == EPERM { return true }
            failure = failure ?? SystemError("cannot remove \(name)")
            return false
        }
    }
}
