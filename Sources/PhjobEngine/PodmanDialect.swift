import FoundationEssentials
import Glibc
package import PhjobCore

/// podman 4 and 5.
package struct PodmanDialect: EngineDialect {
    package init() {}

    package var name: EngineName { .podman }
    package var writesLogFile: Bool { true }
    /// A client that was killed between the runtime's start and the saving of that fact leaves a container `created`
    /// that runs.
    package var createdMeansNeverRan: Bool { false }
    package var ignoresImageVolumes: Bool { true }
    package var infoArguments: [String] { ["info", "--format=json"] }

    /// What podman gives a container unless told otherwise (containers.conf(5), `default_ulimits`).
    private static let defaultLimit: UInt64 = 1_048_576

    package func launchArguments(_ request: ContainerRequest, facts: EngineFacts, limits: ProcessLimits) -> [String] {
        var arguments: [String] = []
        // podman tries to raise these to its defaults, and fails where it may not.
        if let files = limits.openFiles, files < Self.defaultLimit {
            arguments.append("--ulimit=nofile=\(files):\(files)")
        }
        if let processes = limits.processes, processes < Self.defaultLimit {
            arguments.append("--ulimit=nproc=\(processes):\(processes)")
        }
        // A service that is spared when memory runs out must not have its jobs spared too.
        if limits.oomScoreAdjustment < 0 { arguments.append("--oom-score-adj=0") }
        // A job of which only one process is killed mostly waits for that one for ever.
        if facts.cgroupVersion == 2, !facts.unenforcedLimits.contains("memory") {
            arguments.append("--cgroup-conf=memory.oom.group=1")
        }
        // The caller's uid inside is the caller's uid outside, so that files on volumes belong to them.
        if facts.isRootless { arguments.append("--userns=keep-id") }
        if let profile = request.seccompProfile { arguments.append("--security-opt=seccomp=\(profile)") }
        // podman hands the proxies of its own environment to containers unless told otherwise (podman-run(1)).
        arguments += ["--http-proxy=false", "--image-volume=ignore"]
        arguments += request.gpus.map { "--device=nvidia.com/gpu=\($0.uuid ?? "\($0.index)")" }
        arguments += ["--log-driver=k8s-file", "--log-opt=path=\(request.logPath)"]
        // At its bound the file is replaced by an empty one; the runner keeps the first by a hard link, so two share
        // the bound.
        arguments += ["--log-opt=max-size=\(request.logMaxSize.bytes / 2)", "--pidfile=\(request.pidPath)"]
        // conmon keeps these seconds in an int and ends at once on more (conmon.c, `opt_timeout`): beyond 68 years
        // there is no backstop.
        if let backstop = request.backstopSeconds, backstop <= Int64(Int32.max) {
            arguments.append("--timeout=\(backstop)")
        }
        return arguments
    }

    package func advice(onRefusal words: String) -> String { "" }

    package func removeArguments(_ names: [String]) -> [String] {
        // Without --ignore one missing name makes podman remove nothing, and end with 0.
        ["rm", "--force", "--volumes", "--ignore", "--time=0", "--"] + names
    }

    /// With a registry as `docker://…`, which is that and nothing else. podman tries each name as a transport first, so
    /// one without a registry is told from a transport by ``ImageReference``; it stays as it is, as aliases and search
    /// registries apply to it (containers-registries.conf(5)) and not to `docker://`. That form may have a tag or a
    /// digest, not both.
    package func pullArguments(_ reference: ImageReference) -> [String] {
        let selector = reference.digest == nil && reference.tag == nil ? "" : reference.selector
        return ["pull", "--", (reference.domain == nil ? "" : "docker://") + reference.name + selector]
    }

    /// podman-image-exists(1)
    package func imageExistsArguments(_ reference: ImageReference) -> [String]? {
        ["image", "exists", "--", reference.text]
    }

    package func saysNoImage(_ words: String) -> Bool { false }

    /// Without its volumes: `cp` looks into a volume that the image declares, and it is empty before the first start.
    package var createOptions: [String] { ["--image-volume=ignore"] }

    package func saysNoFile(_ words: String, path: String, container: String) -> Bool {
        words.contains("\"\(path)\" could not be found on container \(container)")
    }

    package func facts(from info: [UInt8]) throws(EngineError) -> EngineFacts {
        struct Info: Decodable {
            struct Host: Decodable {
                struct Security: Decodable {
                    var rootless: Bool?
                    var seccompEnabled: Bool?
                    var seccompProfilePath: String?
                }
                struct Monitor: Decodable { var path: String? }
                var cgroupVersion: String?
                var cgroupControllers: [String]?
                var security: Security?
                var conmon: Monitor?
                var eventLogger: String?
            }
            // swift-format-ignore: AlwaysUseLowerCamelCase
            struct Version: Decodable { var Version: String? }
            struct Store: Decodable {
                var graphDriverName: String?
                var graphRoot: String?
                var graphOptions: JSONValue?
            }
            var host: Host?
            var store: Store?
            var version: Version?
        }
        guard let info = try? JSONDecoder().decode(Info.self, from: Data(info)), let host = info.host else {
            throw .garbled("'podman info' printed no description of the host")
        }
        let isRootless = host.security?.rootless ?? false
        let version = host.cgroupVersion.flatMap { Int($0.drop { !$0.isNumber }) }
        // Rootless podman ignores limits on cgroup v1; on v2 it keeps those whose controller was delegated to the user.
        let kept = version == 1 ? [] : host.cgroupControllers ?? []
        let unenforced = isRootless ? ["cpu", "memory", "pids"].filter { !kept.contains($0) } : []
        var facts = EngineFacts(
            name: .podman, version: info.version?.Version ?? "unknown", isRootless: isRootless, cgroupVersion: version,
            unenforcedLimits: unenforced,
            imageList: info.store.flatMap { store in
                Self.imageList(store.graphRoot, store.graphDriverName, options: store.graphOptions)
            },
            exitDirectory: host.conmon == nil ? nil : Self.exitDirectory(isRootless: isRootless),
            monitorProgram: host.conmon?.path,
            storageDirectory: info.store?.graphRoot,
            seccompProfile: host.security?.seccompEnabled == false ? nil : host.security?.seccompProfilePath)
        // podman writes its events where its client's own words go: into the journal of the service that called it
        // (containers.conf(5), `events_logger`). What happens to jobs is in the runner's log.
        if !isRootless, host.eventLogger == "journald" { facts.clientOptions = ["--events-backend=none"] }
        return facts
    }

    /// Where conmon is told to write exit codes unless `tmp_dir` of containers.conf(5) says otherwise; then it is known
    /// only of containers whose monitor was seen, and the others are inspected.
    private static func exitDirectory(isRootless: Bool) -> String? {
        guard isRootless else { return "/run/libpod/exits" }
        return getenv("XDG_RUNTIME_DIR").map { "\(String(cString: $0))/libpod/tmp/exits" }
    }

    /// Where containers/storage keeps its list of images (`images.json`, replaced by rename at every change).
    ///
    /// - Parameter options: with other stores beside its own (containers-storage.conf(5)) the list does not say
    /// everything.
    private static func imageList(_ root: String?, _ driver: String?, options: JSONValue?) -> String? {
        guard let root, let driver else { return nil }
        if case .object(let options) = options, options.keys.contains(where: { $0.contains("imagestore") }) {
            return nil
        }
        return "\(root)/\(driver)-images/images.json"
    }
}
