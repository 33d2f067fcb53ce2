import Glibc

/// Finds programs in a list of directories.
package enum ExecutableLookup {
    /// The first executable regular file called `name` in the directories of `path` (as `PATH`); nil if there is none.
    package static func find(_ name: String, path: String) -> String? {
        for directory in path.split(separator: ":") where directory.hasPrefix("/") {
            let candidate = "\(directory)/\(name)"
            var status = stat()
            if stat(candidate, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(candidate, X_OK) == 0 {
                return candidate
            }
        }
        return nil
    }
}
