import Glibc
import PhjobCore
import PhjobEngine
import PhjobSystem

/// What root looks at on a machine with one runner for everybody: who else is root, and what a job could reach.
enum SystemChecks {
    /// Whoever may use docker's socket may do anything on this machine (docs.docker.com/engine/security).
    static let dockerGroup = "docker"
    static let administratorGroup = Access.administrators

    /// - Parameter members: the users in docker's group.
    static func privileges(dockerMembers members: [String]) -> Finding {
        guard !members.isEmpty else {
            return .ok("privileges", "nobody is in the group \(dockerGroup), which is root by another name")
        }
        let names = members.map { TerminalText.escaped($0) }
        return .warning(
            "privileges",
            "members of the group \(dockerGroup) are root by another name, and can read and end every job: "
                + names.joined(separator: ", "),
            advice: "phjob needs nobody in it: 'gpasswd --delete \(names[0]) \(dockerGroup)'")
    }

    static func administrators() -> Finding {
        do throws(AccountLookupError) {
            guard try UnixGroup.id(named: administratorGroup) == nil else {
                let names = UnixGroup.members(named: administratorGroup).map { TerminalText.escaped($0) }
                return .ok("admins", "root" + names.map { ", \($0)" }.joined())
            }
            return .warning(
                "admins", "there is no Unix group \(administratorGroup), so root alone manages jobs",
                advice: "run 'groupadd --system \(administratorGroup)', and put administrators into it")
        } catch {
            return .warning("admins", "\(error)", advice: "see whether its directory service runs (sssd, nslcd)")
        }
    }

    /// The programs between a job and the kernel, whose faults are published by version.
    static func versions(path: String) -> Finding {
        let found = ["podman", "docker", "conmon", "crun", "runc"].compactMap { name -> String? in
            guard let executable = ExecutableLookup.find(name, path: path) else { return nil }
            let command = ProcessCommand(executable, ["--version"], environment: ["PATH": path, "LANG": "C.UTF-8"])
            guard let result = try? ChildProcess(command, timeout: 60).run(), result.isSuccess,
                let line = result.output.text.split(whereSeparator: \.isNewline).first
            else { return "\(name): its version cannot be told" }
            return String(line)
        }
        return .ok(
            "versions", found.isEmpty ? "none of the engines' programs is in \(path)" : found.joined(separator: "\n"))
    }

    /// The directories that jobs get: whether anybody but root could put others in their place, and what may lie in them.
    static func mounts(_ catalogue: Catalogue) -> [Finding] {
        let volumes = catalogue.groups.compactMap { group in
            group.volume.map { (name: "the volume of group '\(group.name)'", path: $0, must: group.mustBeMounted) }
        }
        let datasets = catalogue.datasets.map {
            (name: "the dataset '\($0.name)'", path: $0.path, must: $0.mustBeMounted)
        }
        let sources = volumes + datasets
        var findings = sources.compactMap { source -> Finding? in
            // One that does not answer would keep any look at it from coming to an end.
            if DirectoryCheck.answers(source.path), let problem = SecurePath.problem(at: source.path) {
                return .failed(
                    "mounts", "\(source.name) is not safe to mount: \(TerminalText.escaped(problem))",
                    advice:
                        "jobs that need it do not start; correct the owner and mode of what is named, or the catalogue")
            }
            return DirectoryCheck.problem(at: source.path, mustBeMounted: source.must).map {
                .failed(
                    "mounts", "\(source.name) cannot be used: \($0)",
                    advice: "jobs that need it are refused, or wait for it; bring it back, or correct the catalogue")
            }
        }
        let permissive = volumes.map(\.path).filter(DirectoryCheck.answers).filter { path in
            var status = statvfs()
            guard statvfs(path, &status) == 0 else { return false }
            return status.f_flag & Self.restrictions != Self.restrictions
        }
        if !permissive.isEmpty {
            findings.append(
                .warning(
                    "mounts",
                    "setuid programs and devices count on the file systems of "
                        + permissive.map { TerminalText.escaped($0) }.joined(separator: ", "),
                    advice: "jobs cannot make any; mount volumes with 'nosuid,nodev' all the same"))
        }
        if findings.isEmpty, !sources.isEmpty {
            findings.append(.ok("mounts", "only root can put others in the place of volumes and datasets"))
        }
        return findings
    }

    /// `ST_NOSUID` and `ST_NODEV` (statvfs(3)).
    private static let restrictions: UInt = 2 | 4
}
