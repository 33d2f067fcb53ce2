import PhjobCore
import PhjobTestSupport
import Testing

@testable import PhjobEngine

/// Whatever a job asks for, its container gets nothing that hands out the host.
struct LaunchArgumentsPropertyTests {
    /// Every option that may ever be given, with what its value must look like.
    private static let allowed: [String: @Sendable (String) -> Bool] = [
        "--detach": { $0.isEmpty }, "--init": { $0.isEmpty }, "--no-healthcheck": { $0.isEmpty },
        "--name": { $0.hasPrefix("phjob-job-") },
        "--label": { $0.hasPrefix("phjob.job=") || $0.hasPrefix("phjob.state=") },
        "--pull": { $0 == "never" }, "--restart": { $0 == "no" }, "--stop-signal": { $0 == "SIGTERM" },
        "--stop-timeout": { Int($0) != nil }, "--user": { $0.allSatisfy { $0.isWholeNumber || $0 == ":" } },
        "--cap-drop": { $0 == "ALL" }, "--security-opt": { $0 == "no-new-privileges" }, "--ipc": { $0 == "private" },
        "--network": { Name.isValid($0) && $0 != "host" }, "--cpus": { Double($0) != nil },
        "--memory": { Int($0) != nil },
        "--memory-swap": { Int($0) != nil }, "--shm-size": { Int($0) != nil }, "--pids-limit": { Int($0) != nil },
        "--ulimit": { value in ["core=", "nofile=", "nproc="].contains { value.hasPrefix($0) } },
        // For root's engines: no mapping, as the uid inside is the job's; never together with rights.
        "--userns": { $0 == "keep-id" || $0 == "host" }, "--http-proxy": { $0 == "false" },
        "--image-volume": { $0 == "ignore" },
        "--gpus": { value in
            let names = value.filter { $0 != "\"" }
            return names.hasPrefix("device=") && names.dropFirst(7).split(separator: ",").allSatisfy(isGPU)
        },
        "--device": { $0.hasPrefix("nvidia.com/gpu=") && isGPU($0.dropFirst(15)) },
        "--env": { $0 == "NVIDIA_VISIBLE_DEVICES=void" || ProxySettings.variables.contains($0) },
        "--log-driver": { $0 == "k8s-file" || $0 == "json-file" },
        "--log-opt": { value in
            ["path=/state/", "max-size=", "max-file=", "mode=blocking", "compress=false"].contains {
                value.hasPrefix($0)
            }
        },
        "--pidfile": { $0.hasPrefix("/state/") }, "--timeout": { Int($0) != nil },
        "--mount": {
            $0.hasPrefix("type=bind,src=/") && $0.hasSuffix(",bind-propagation=rprivate")
                && $0.split(separator: ",").count <= 5
        },
        "--oom-score-adj": { $0 == "0" }, "--cgroup-conf": { $0 == "memory.oom.group=1" },
        "--workdir": { $0 == "/home/jovyan" }, "--entrypoint": { $0 == "/bin/sh" },
    ]
    /// An index or a UUID: never `all`, `none` or a part of a GPU.
    private static func isGPU(_ name: Substring) -> Bool { Int(name) != nil || name.hasPrefix("GPU-") }

    private static let forbidden = [
        "--privileged", "--cap-add", "-v", "--volume", "--pid", "--net", "--uts", "--cgroupns", "-e",
        "--env-file",
        "--volumes-from", "--device-cgroup-rule", "--group-add", "--tty", "-t", "--interactive", "-i", "--rm",
        "--publish",
    ]
    /// Stands in everything of a job that must not show.
    private static let secret = "S3CR3T"

    @Test(arguments: EngineName.allCases)
    func nothingForbiddenEver(_ engine: EngineName) throws {
        var random = SeededGenerator(seed: 2026)
        let dialect: any EngineDialect = engine == .podman ? PodmanDialect() : DockerDialect()
        for _ in 0..<500 {
            let spec = Self.spec(using: &random)
            let hasUUIDs = Bool.random(using: &random)
            let gpus = (0..<Int.random(in: 0...4, using: &random)).map {
                GPU(index: $0, uuid: hasUUIDs ? "GPU-5d\($0)" : nil)
            }
            var facts = engine == .podman ? EngineSample.podman : EngineSample.docker
            facts.isRootless = Bool.random(using: &random)
            let limit = [nil, UInt64(1024), 4_000_000].randomElement(using: &random) ?? nil
            let request = try EngineSample.request(spec: spec, gpus: gpus)
            let limits = ProcessLimits(
                openFiles: limit, processes: limit, oomScoreAdjustment: Int.random(in: -1000...1000, using: &random))
            let arguments = dialect.runArguments(request, facts: facts, limits: limits)
            try check(arguments, rootless: facts.isRootless)
            let devices = arguments.filter { $0.hasPrefix("--device=") || $0.hasPrefix("--gpus=") }
            try #require(devices.isEmpty == gpus.isEmpty)
        }
    }

    private func check(_ arguments: [String], rootless: Bool) throws {
        try #require(arguments.first == "run")
        let end = try #require(arguments.firstIndex(of: "--"))
        try #require(arguments[(end + 1)...] == [EngineSample.imageID, "/run/phjob/start"])
        for argument in arguments[1..<end] {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let option = String(parts[0])
            try #require(!Self.forbidden.contains(option), "\(argument)")
            let isRight = try #require(Self.allowed[option], "\(argument) is not on the list")
            try #require(isRight(parts.count > 1 ? String(parts[1]) : ""), "\(argument)")
        }
        try #require(!arguments.contains { $0.contains(Self.secret) })
        for needed in [
            "--cap-drop=ALL", "--security-opt=no-new-privileges", "--pull=never", "--env=NVIDIA_VISIBLE_DEVICES=void",
        ] {
            try #require(arguments.contains(needed))
        }
        try #require(arguments.contains("--userns=host") == !rootless)
    }

    /// A job that passed admission, with everything in it that a person may choose made as nasty as admission lets it
    /// be.
    private static func spec(using random: inout SeededGenerator) -> JobSpec {
        let names = ["privileged", "host", "rm", "0", "cap-add", "a.b_c-d", "net-host"]
        let nasty = ["--privileged", "-v /:/host", "--pid=host", "$(id)", "'; rm -rf /", "\n--cap-add=ALL", "--", "\\"]
        func name() -> String { names.randomElement(using: &random) ?? "a" }
        func text() -> String { secret + (nasty.randomElement(using: &random) ?? "") }
        var spec = SampleJob.spec(command: text())
        spec.displayName = text()
        spec.environment = ["A": text(), secret: text(), "LD_PRELOAD": text()]
        spec.groupName = name()
        spec.volume = Bool.random(using: &random) ? "/srv/--privileged \(name())" : nil
        spec.datasets = (0..<Int.random(in: 0...3, using: &random)).map { index in
            JobSpec.Dataset(name: "\(name())\(index)", path: "/srv/-v \(name())", writable: Bool.random(using: &random))
        }
        spec.settings.network = ["none", "default", "lab-net"].randomElement(using: &random) ?? "none"
        spec.activeDeadlineSeconds =
            Bool.random(using: &random) ? Int64.random(in: 1...3_153_600_000, using: &random) : nil
        spec.user = JobSpec.User(
            name: text(), uid: UInt32.random(in: 0...UInt32.max, using: &random),
            gid: UInt32.random(in: 0...9, using: &random))
        spec.image.reference = text()
        spec.settings.proxy = ProxySettings(http: "http://u:\(secret)@h:1", no: secret)
        spec.idempotency = JobSpec.Idempotency(key: text(), contentDigest: secret)
        spec.instanceType.name = secret
        spec.instanceType.memoryLimit = MemorySize(bytes: Int64.random(in: 1...(1 << 50), using: &random))
        spec.instanceType.cpuLimit = CPUAmount(milli: Int64.random(in: 1...1_000_000, using: &random))
        return spec
    }
}
