import Glibc
import PhjobCore
import PhjobSystem

/// Looks at the host directories that a job would get.
enum MountSources {
    /// - Parameter mode: a runner that serves many mounts only what nobody but root can put something else in the place of.
    /// - Throws: ``PhjobError`` for one that is missing, is no directory, or leads to where no job may look.
    static func check(_ spec: JobSpec, stateDirectory: String, mode: RunnerMode) throws(PhjobError) {
        if let volume = spec.volume {
            try check(volume, "the volume of group '\(spec.groupName)'", stateDirectory, mode)
        }
        for dataset in spec.datasets {
            try check(dataset.path, "the dataset '\(dataset.name)'", stateDirectory, mode)
        }
    }

    private static func check(
        _ path: String, _ what: String, _ stateDirectory: String, _ mode: RunnerMode
    ) throws(PhjobError) {
        let hint = "mend the catalogue, or make the directory"
        if let problem = HostPath.problem(in: path) {
            throw PhjobError(.unavailable, "\(what): \(problem)", hint: hint)
        }
        guard let real = resolve(path) else {
            let why = String(cString: strerror(errno)).lowercased()
            throw PhjobError(.unavailable, "\(what), \(path), cannot be used: \(why)", hint: hint)
        }
        var status = stat()
        guard stat(real, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw PhjobError(.unavailable, "\(what), \(path), is not a directory", hint: hint)
        }
        // The engine follows links, so it is the place they lead to that must be harmless.
        let own = [stateDirectory, resolve(stateDirectory) ?? stateDirectory]
        for forbidden in HostPath.forbiddenRoots + own
        where HostPath.overlap(real, forbidden) || real == "/" {
            throw PhjobError(.unavailable, "\(what), \(path), would show \(forbidden) to jobs", hint: hint)
        }
        if mode == .system, let problem = SecurePath.problem(at: path) {
            throw PhjobError(.unavailable, "\(what), \(path), is not safe to mount: \(problem)", hint: hint)
        }
    }

    /// realpath(3); nil, with `errno` set, for a path that leads nowhere.
    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
