import Glibc
import PhjobCore
import PhjobSystem

/// A directory of this host that a job gets: its group's volume or a dataset.
struct MountSource: Hashable, Sendable {
    /// `the volume of group 'lab'`
    let name: String
    let path: String
    /// Whether it is usable only as a mount point: below the empty directory of a disk that is away jobs would write
    /// to another.
    let mustBeMounted: Bool

    /// What a look at one gave.
    enum State: Sendable, Equatable {
        /// With its path without symbolic links.
        case usable(realPath: String)
        /// It may come back by itself: jobs wait. A sentence without its end.
        case away(String)
        case unusable(PhjobError)
    }

    /// What a job gets.
    static func all(of spec: JobSpec) -> [MountSource] {
        let volumes = spec.volume.map { [Self.volume($0, of: spec.groupName, spec.volumeMustBeMounted ?? false)] }
        return (volumes ?? [])
            + spec.datasets.map { dataset($0.path, $0.name, $0.mustBeMounted ?? false) }
    }

    /// What the jobs of a group get that are submitted now.
    static func all(of group: Catalogue.Group, in catalogue: Catalogue) -> [MountSource] {
        let volumes = group.volume.map { [Self.volume($0, of: group.name, group.mustBeMounted)] }
        return (volumes ?? [])
            + catalogue.datasets(of: group.name).map { dataset($0.path, $0.name, $0.mustBeMounted) }
    }

    private static func volume(_ path: String, of group: String, _ mustBeMounted: Bool) -> MountSource {
        MountSource(name: "the volume of group '\(group)'", path: path, mustBeMounted: mustBeMounted)
    }

    private static func dataset(_ path: String, _ name: String, _ mustBeMounted: Bool) -> MountSource {
        MountSource(name: "the dataset '\(name)'", path: path, mustBeMounted: mustBeMounted)
    }
}

extension MountSource {
    /// Looks at it. May block for as long as its file server does not answer.
    ///
    /// - Parameters:
    ///   - stateDirectory: what no job may see.
    ///   - mode: a runner that serves many mounts only what root alone can put something else in the place of.
    func look(stateDirectory: String, mode: RunnerMode) -> State {
        if let problem = HostPath.problem(in: path) { return unusable(": \(problem)") }
        let real: String
        do throws(SystemError) {
            real = try Directory.resolved(path)
        } catch {
            return failed(error.number)
        }
        var status = stat()
        guard stat(real, &status) == 0 else { return failed(errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return unusable(", \(path), is not a directory") }
        // The engine follows links, so it is the place they lead to that must be harmless.
        let own = [stateDirectory, (try? Directory.resolved(stateDirectory)) ?? stateDirectory]
        for forbidden in HostPath.forbiddenRoots + own where HostPath.overlap(real, forbidden) || real == "/" {
            return unusable(", \(path), would show \(forbidden) to jobs")
        }
        if mode == .system, let problem = SecurePath.problem(at: path) {
            return unusable(", \(path), is not safe to mount: \(problem)")
        }
        if mustBeMounted, (try? MountTable())?.isMountPoint(real) == false { return notMounted }
        return .usable(realPath: real)
    }

    private var notMounted: State { .away("\(name), \(path), is not mounted") }

    private func failed(_ number: Int32) -> State {
        if number == ENOENT, mustBeMounted { return notMounted }
        if HostDirectory.isPassing(number) {
            return .away("\(name), \(path), cannot be reached: \(Self.words(number))")
        }
        return unusable(", \(path), cannot be used: \(Self.words(number))", hint: HostDirectory.advice(number))
    }

    private static func words(_ number: Int32) -> String { String(cString: strerror(number)).lowercased() }

    private func unusable(_ words: String, hint: String? = nil) -> State {
        .unusable(PhjobError(.unavailable, name + words, hint: hint ?? "correct the catalogue, or make the directory"))
    }
}
