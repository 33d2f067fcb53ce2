import Glibc
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Looks at the container engine, and at what it can do here.
struct EngineChecks {
    let engine: Engine
    let catalogue: Catalogue
    let user: UserAccount
    /// For what a container has to be given.
    let scratch: String

    /// Finds the engine.
    static func find(_ settings: Catalogue.EngineSettings, _ environment: [String: String]) -> Result<
        Engine, EngineError
    > {
        do {
            return .success(try EngineProbe.find(settings, environment: environment))
        } catch {
            return .failure(error)
        }
    }

    /// - Parameter isForEverybody: whether root is to have it, or the one person who asks.
    static func missing(_ error: EngineError, isForEverybody: Bool) -> Finding {
        .failed(
            "engine", error.description,
            advice: isForEverybody
                ? "install podman ('apt install podman'), or start docker"
                : "install podman ('apt install podman uidmap slirp4netns'), or start docker and join its group")
    }

    var usable: [Finding] {
        let facts = engine.facts
        let cgroup = facts.cgroupVersion.map { "cgroup v\($0)" } ?? "cgroup version unknown"
        let words = "\(facts.name.rawValue) \(facts.version), \(facts.isRootless ? "rootless" : "as root"), \(cgroup)"
        var findings = [Finding.ok("engine", words)]
        if !facts.unenforcedLimits.isEmpty {
            findings.append(
                .warning(
                    "limits", "the engine does not enforce: \(facts.unenforcedLimits.joined(separator: ", "))",
                    advice: facts.isRootless
                        ? "rootless limits need cgroup v2 with its controllers delegated to you (systemd: 'Delegate=yes' for user@.service)"
                        : "the kernel lacks these controllers; see its command line for 'cgroup_disable'"))
        }
        return findings
    }

    /// The images of the catalogue, and which of them are here.
    func images() -> (findings: [Finding], present: ResolvedImage?) {
        guard !catalogue.images.isEmpty else {
            return (
                [
                    .failed(
                        "images", "the catalogue has no images",
                        advice: "build one with 'images/build base', and add it")
                ], nil
            )
        }
        var findings: [Finding] = []
        var present: [(name: String, image: ResolvedImage)] = []
        for image in catalogue.images {
            do {
                if let resolved = try engine.image(image.url, stateID: "probe") {
                    present.append((image.name, resolved))
                } else if image.pullPolicy == .never {
                    findings.append(
                        .failed(
                            "images", "'\(image.name)' (\(image.url)) is not here, and is never pulled",
                            advice: "build it with 'images/build \(image.name)', or change its pullPolicy"))
                } else {
                    findings.append(
                        .warning(
                            "images", "'\(image.name)' (\(image.url)) is not here yet",
                            advice: "the first job that needs it waits for its pull"))
                }
            } catch {
                findings.append(.failed("images", "\(error)", advice: "see that the engine answers"))
            }
        }
        if !present.isEmpty {
            findings.insert(.ok("images", present.map(\.name).joined(separator: ", ") + " found"), at: 0)
        }
        let first = present.first { $0.name == catalogue.defaults.image } ?? present.first
        return (findings, first?.image)
    }

    /// Starts a container with limits, and reads back the one that matters most.
    func container(_ image: ResolvedImage) -> Finding {
        let script = """
            cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || echo unknown
            """
        let limits = ContainerProbe.Limits()
        let probe = ContainerProbe(engine: engine, image: image, user: user, scratch: scratch)
        switch probe.run(script, network: catalogue.limits.network, limits) {
        case .failure(let error):
            // With a mount of the state directory and this user, as a job's: without them other things are tried.
            let place = scratch.split(separator: "/").dropLast().joined(separator: "/")
            var advice =
                "try '\(engine.facts.name.rawValue) run --rm --user=\(user.uid):\(user.gid) "
                + "--mount=type=bind,src=/\(place),dst=/mnt --workdir=/mnt \(image.id.prefix(12)) true'"
            if catalogue.limits.network != "none", case .success = probe.run("exit 0", network: "none") {
                advice =
                    "it starts without a network: set \"network\": \"none\" in the catalogue, or mend the engine's network"
            }
            return .failed("container", "a container cannot be started: \(error)", advice: advice)
        case .success(let text):
            return Self.judge(limit: text, wanted: limits.memory)
        }
    }

    /// - Parameter limit: what a control group's file for the limit of memory holds.
    static func judge(limit: String, wanted: MemorySize) -> Finding {
        let text = limit.filter { !$0.isWhitespace }
        guard let bytes = Int64(text) else {
            return .warning(
                "container", "a container starts, but its memory limit is '\(TerminalText.escaped(text))'",
                advice: "a job can take all of the machine's memory; see the engine's limits above")
        }
        guard bytes <= wanted.bytes else {
            return .warning(
                "container", "a container starts, but its memory limit is \(MemorySize(bytes: bytes)), not \(wanted)",
                advice: "a job can take more memory than its instance type has; see the engine's limits above")
        }
        return .ok("container", "starts, with its memory limit of \(wanted) in force")
    }

    /// Whether jobs are kept from making namespaces, where that takes a profile of ours.
    func namespaces() -> Finding? {
        guard engine.facts.name == .podman, ContainerProbe.seccompProfile(of: engine) == nil else { return nil }
        return .warning(
            "seccomp",
            "podman names no seccomp profile that can be read, so jobs get podman's built-in one, with which they can make "
                + "user namespaces",
            advice: "see 'podman info --format {{.Host.Security.SECCOMPProfilePath}}'; "
                + "Debian's package golang-github-containers-common has /usr/share/containers/seccomp.json")
    }

    /// What happens to jobs when nobody is logged in, or the daemon is restarted.
    func survival() -> Finding? {
        switch engine.facts.name {
        case .podman:
            guard engine.facts.isRootless, let lingers = Lingering().isOn(for: user.name) else { return nil }
            if lingers { return .ok("lingering", "jobs outlive your log-out") }
            return .warning(
                "lingering", "systemd ends your jobs when you log out, or when the runner ends after that",
                advice: "run 'loginctl enable-linger'")
        case .docker:
            let command = ProcessCommand(
                engine.executable, ["info", "--format={{.LiveRestoreEnabled}}"], environment: engine.environment)
            guard let result = try? ChildProcess(command, timeout: 60).run(), result.isSuccess else { return nil }
            guard result.output.text.hasPrefix("false") else {
                return .ok("restarts", "jobs outlive a restart of docker")
            }
            return .warning(
                "restarts", "a restart of docker ends running jobs",
                advice: "set \"live-restore\": true in /etc/docker/daemon.json")
        }
    }

    /// Containers that the engine has forgotten, and that go on.
    func leaks(_ layout: StateLayout) -> Finding? {
        guard let stateID = JobStore.stateID(of: layout),
            let leaked = try? engine.leakedMonitors(in: layout.jobs, stateID: stateID, where: { _ in true }),
            !leaked.isEmpty
        else { return nil }
        let words = leaked.map { "\($0.job), kept by the process \($0.monitor.process.pid)" }
        return .warning(
            "leaks", (["the engine has forgotten containers that still hold memory:"] + words).joined(separator: "\n"),
            advice: "run 'phjob runner stop'; the next command starts a runner, which ends those of its own jobs")
    }
}
