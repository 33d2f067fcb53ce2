import Glibc
import PhjobCore
import PhjobSystem

/// The places of a runner that serves everybody. Whoever but root could write to one of them would be root.
enum SystemPlaces {
    /// Makes the directories of state and socket if they are missing, and looks at all places.
    ///
    /// - Throws: ``PhjobError`` if this process is not root, or for a place that is not root's alone.
    static func prepare(_ configuration: RunnerConfiguration) throws(PhjobError) {
        guard geteuid() == 0 else {
            throw PhjobError(
                .forbidden, "a runner that serves everybody must be root, to run jobs as those who submit them",
                hint: "run 'systemctl start phjob' or 'phjob runner run --system' as root")
        }
        try prepareSocketDirectory(of: configuration.socketPath)
        try make(configuration.stateDirectory, mode: 0o700)
        try check(configuration.stateDirectory, "the state directory", forbidden: 0o077, advice: "chmod 700")
        try checkCatalogue(configuration.cataloguePath)
    }

    /// Makes the directory of the socket if it is missing, and checks it. A user who may not pass it cannot connect, so that root
    /// can shut users out by its mode.
    static func prepareSocketDirectory(of socketPath: String) throws(PhjobError) {
        let directory = parent(of: socketPath)
        try make(directory, mode: 0o755)
        try check(directory, "the directory of the socket", forbidden: 0o022, advice: "chmod 755")
    }

    /// One that is missing is for others to complain of.
    static func checkCatalogue(_ path: String) throws(PhjobError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        try check(parent(of: path), "the directory of the catalogue", forbidden: 0o022, advice: "chmod 755")
        if let problem = problem(with: status, S_IFREG, "regular file", forbidden: 0o022) {
            throw unsafe("the catalogue \(path) \(problem)", advice: "run 'chown root \(path)' and 'chmod 640 \(path)'")
        }
    }

    private static func check(
        _ path: String, _ what: String, forbidden: mode_t, advice: String
    ) throws(PhjobError) {
        if let problem = SecurePath.problem(at: path) {
            throw unsafe("\(what) is not safe: \(problem)", advice: "mend it, or choose another place")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw unavailable(SystemError("cannot look at \(path)")) }
        if let problem = problem(with: status, S_IFDIR, "directory", forbidden: forbidden) {
            throw unsafe("\(what) \(path) \(problem)", advice: "run 'chown root \(path)' and '\(advice) \(path)'")
        }
    }

    /// What keeps a file from being root's alone.
    private static func problem(
        with status: stat, _ type: mode_t, _ typeName: String, forbidden: mode_t
    ) -> String? {
        if status.st_mode & S_IFMT != type { return "is no \(typeName)" }
        if status.st_uid != 0 { return "belongs to uid \(status.st_uid), not to root" }
        guard status.st_mode & forbidden != 0 else { return nil }
        return "can be \(status.st_mode & 0o022 != 0 ? "written" : "read") by others than root"
    }

    /// Makes a directory and those above it that are missing, whatever the umask is.
    private static func make(_ path: String, mode: mode_t) throws(PhjobError) {
        guard access(path, F_OK) != 0 else { return }
        // What leads to a place may be passed by everybody; the place itself has its own mode.
        if path != "/" { try make(parent(of: path), mode: 0o755) }
        do throws(SystemError) {
            try Directory.create(path, mode: 0o700)
            try retrying("cannot set the mode of \(path)") { chmod(path, mode) }
        } catch {
            throw unavailable(error)
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func unsafe(_ message: String, advice: String) -> PhjobError {
        PhjobError(.unavailable, message, hint: advice)
    }

    private static func unavailable(_ error: SystemError) -> PhjobError {
        PhjobError(.unavailable, error.description, hint: "mend it, or choose another place")
    }
}
