import CPhjobLinux
import Glibc

/// Whether anybody but root could put something else where a path leads, between a look at it and its use.
package enum SecurePath {
    /// What is wrong with the way to a directory; nil if only root can change it.
    ///
    /// Every component above the last must be a directory of root's that nobody else may write to; none may be a symbolic link,
    /// the last neither: what it is linked to would be another way. To whom the directory itself belongs does not matter. It is
    /// walked descriptor by descriptor, so that what was looked at is what was passed.
    ///
    /// - Parameter path: absolute, without `.` and `..`.
    package static func problem(at path: String) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        guard path.hasPrefix("/"), !parts.contains(".."), !parts.contains(".") else {
            return "\(path) is not written out from the root"
        }
        do throws(SystemError) {
            var directory = try Descriptor(opening: "/", flags: phjob_O_PATH | O_DIRECTORY)
            var walked = ""
            for part in parts {
                if let problem = problem(with: try directory.status(), walked.isEmpty ? "/" : walked) {
                    return problem
                }
                walked += "/\(part)"
                // With O_PATH a link that is not to be followed is opened itself (open(2)).
                let next = try Descriptor(opening: part, in: directory, flags: phjob_O_PATH | O_NOFOLLOW)
                switch try next.status().st_mode & S_IFMT {
                case S_IFDIR: directory = next
                case S_IFLNK: return "\(walked) is a symbolic link; write the path that it leads to"
                default: return "\(walked) is not a directory"
                }
            }
            return nil
        } catch {
            return error.description
        }
    }

    /// Whether nobody but root can change a file, or put another in its place.
    ///
    /// - Parameters:
    ///   - path: absolute, without `.`, `..` and symbolic links.
    ///   - file: what must be found there.
    static func isRoots(_ path: String, _ file: stat) -> Bool {
        guard let slash = path.lastIndex(of: "/"), path.hasPrefix("/") else { return false }
        let parent = slash == path.startIndex ? "/" : String(path[..<slash])
        // What the way leads to only root can change, so that it may be opened anew.
        guard problem(at: parent) == nil,
            let directory = try? Descriptor(opening: parent, flags: phjob_O_PATH | O_DIRECTORY | O_NOFOLLOW),
            let status = try? directory.status(), problem(with: status, parent) == nil
        else { return false }
        var found = stat()
        return fstatat(directory.number, String(path[path.index(after: slash)...]), &found, AT_SYMLINK_NOFOLLOW) == 0
            && found.st_dev == file.st_dev && found.st_ino == file.st_ino && found.st_uid == 0
            && found.st_mode & 0o022 == 0
    }

    private static func problem(with status: stat, _ path: String) -> String? {
        if status.st_uid != 0 {
            return
                "\(path) belongs to uid \(status.st_uid), who could put something else in the place of what is below it"
        }
        guard status.st_mode & 0o022 == 0 else {
            return
                "\(path) can be written by others than root, who could put something else in the place of what is below it"
        }
        return nil
    }
}
