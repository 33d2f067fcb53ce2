import PhjobCore
import PhjobTestSupport
import Testing

@testable import PhjobEngine

struct PodmanDialectTests {
    private let dialect = PodmanDialect()

    /// What stands before the arguments that differ from request to request, and after them.
    static let beginning = [
        "run", "--detach", "--name=phjob-job-202611210727-000000", "--label=phjob.job=job-202611210727-000000",
        "--label=phjob.state=s1", "--pull=never", "--restart=no", "--init", "--stop-signal=SIGTERM", "--no-healthcheck",
        "--stop-timeout=10", "--user=1000:100", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--ipc=private",
    ]
    /// Of an engine that is root's: no uid of a job is another one on the host.
    static let sameUsers = ["--userns=host"]
    static let amounts = [
        "--cpus=2", "--memory=4294967296", "--memory-swap=4294967296", "--shm-size=2147483648", "--pids-limit=1024",
        "--ulimit=core=0:0", "--env=NVIDIA_VISIBLE_DEVICES=void",
    ]
    static let ownMounts = [
        "--mount=type=bind,src=/state/jobs/j/home,dst=/home/jovyan,bind-propagation=rprivate",
        "--mount=type=bind,src=/state/jobs/j/launcher,dst=/run/phjob,ro=true,bind-propagation=rprivate",
        "--mount=type=bind,src=/state/jobs/j/launcher/began,dst=/run/phjob/began,bind-propagation=rprivate",
        "--mount=type=bind,src=/state/jobs/j/passwd,dst=/etc/passwd,ro=true,bind-propagation=rprivate",
        "--mount=type=bind,src=/state/jobs/j/group,dst=/etc/group,ro=true,bind-propagation=rprivate",
    ]
    static let sharedMounts = [
        "--mount=type=bind,src=/srv/volumes/research,dst=/project/research,bind-propagation=rprivate",
        "--mount=type=bind,src=/srv/datasets/digits,dst=/datasets/digits,ro=true,bind-propagation=rprivate",
    ]
    static let end = [
        "--workdir=/home/jovyan", "--entrypoint=/bin/sh", "--", String(repeating: "0f", count: 32), "/run/phjob/start",
    ]

    static let wholeGroup = "--cgroup-conf=memory.oom.group=1"
    static let nothingOfOthers = ["--http-proxy=false", "--image-volume=ignore"]

    private let log = [
        "--log-driver=k8s-file", "--log-opt=path=/state/jobs/j/log", "--log-opt=max-size=52428800",
        "--pidfile=/state/jobs/j/pid",
    ]

    @Test func launch() throws {
        let arguments = dialect.runArguments(
            try EngineSample.request(), facts: EngineSample.podman, limits: EngineSample.limits)
        #expect(
            arguments == Self.beginning + Self.sameUsers + ["--network=none"] + Self.amounts
                + [Self.wholeGroup] + Self.nothingOfOthers + log
                + ["--timeout=86470"] + Self.ownMounts + Self.sharedMounts + Self.end)
    }

    /// Only cgroup v2 can end a whole job for want of memory, and only where the limit is kept at all.
    @Test(arguments: [(1, []), (nil, []), (2, ["memory"])])
    func launchWhereOnlyOneProcessIsKilled(_ version: Int?, _ unenforced: [String]) throws {
        var facts = EngineSample.podman
        (facts.cgroupVersion, facts.unenforcedLimits) = (version, unenforced)
        let arguments = dialect.runArguments(try EngineSample.request(), facts: facts, limits: EngineSample.limits)
        #expect(!arguments.contains(Self.wholeGroup))
    }

    @Test func launchWithTheLeast() throws {
        var spec = SampleJob.spec()
        spec.volume = nil
        spec.datasets = []
        spec.settings.network = "default"
        spec.activeDeadlineSeconds = nil
        let arguments = dialect.runArguments(
            try EngineSample.request(spec: spec), facts: EngineSample.podman, limits: EngineSample.limits)
        #expect(
            arguments == Self.beginning + Self.sameUsers + Self.amounts + [Self.wholeGroup] + Self.nothingOfOthers + log
                + Self.ownMounts + Self.end)
    }

    /// conmon's timeout is an int: a longer one ends the launch.
    @Test(
        arguments: [(2_147_483_647 - 70, true), (2_147_483_648 - 70, false), (3_153_600_000, false)] as [(Int64, Bool)])
    func backstop(_ deadline: Int64, isSet: Bool) throws {
        var spec = SampleJob.spec()
        spec.activeDeadlineSeconds = deadline
        let arguments = dialect.runArguments(
            try EngineSample.request(spec: spec), facts: EngineSample.podman, limits: EngineSample.limits)
        #expect(arguments.contains { $0.hasPrefix("--timeout=") } == isSet)
    }

    @Test func aProfileOfOurs() throws {
        var request = try EngineSample.request()
        request.seccompProfile = "/state/cache/podman-seccomp.json"
        let arguments = dialect.runArguments(request, facts: EngineSample.podman, limits: EngineSample.limits)
        #expect(arguments.contains("--security-opt=seccomp=/state/cache/podman-seccomp.json"))
    }

    @Test func launchWithEverything() throws {
        var spec = SampleJob.spec()
        spec.settings.network = "lab-net"
        spec.instanceType.cpuLimit = CPUAmount(milli: 500)
        spec.instanceType.memoryLimit = MemorySize(bytes: 6 << 20)
        spec.datasets.append(JobSpec.Dataset(name: "out", path: "/srv/out", writable: true))
        var facts = EngineSample.podman
        facts.isRootless = true
        let arguments = dialect.runArguments(
            try EngineSample.request(spec: spec, gpus: [1, 3, GPU(index: 0, uuid: "GPU-5d")]), facts: facts,
            limits: ProcessLimits(openFiles: 20_000, processes: 4096))
        let amounts = [
            "--cpus=0.5", "--memory=6291456", "--memory-swap=6291456", "--shm-size=3145728", "--pids-limit=1024",
            "--ulimit=core=0:0", "--env=NVIDIA_VISIBLE_DEVICES=void", "--ulimit=nofile=20000:20000",
            "--ulimit=nproc=4096:4096", Self.wholeGroup,
            "--userns=keep-id",
            "--http-proxy=false", "--image-volume=ignore",
            "--device=nvidia.com/gpu=1", "--device=nvidia.com/gpu=3", "--device=nvidia.com/gpu=GPU-5d",
        ]
        #expect(
            arguments == Self.beginning + ["--network=lab-net"] + amounts + log + ["--timeout=86470"] + Self.ownMounts
                + Self.sharedMounts + ["--mount=type=bind,src=/srv/out,dst=/datasets/out,bind-propagation=rprivate"]
                + Self.end)
    }

    /// As root's service it would fill the journal of the service with them.
    @Test(arguments: [("journald", false, true), ("journald", true, false), ("file", false, false)])
    func eventsStayOutOfTheJournal(_ logger: String, isRootless: Bool, isSet: Bool) throws {
        let info = #"{"host": {"eventLogger": "\#(logger)", "security": {"rootless": \#(isRootless)}}}"#
        #expect(
            try dialect.facts(from: Array(info.utf8)).clientOptions == (isSet ? ["--events-backend=none"] : []))
    }

    @Test(arguments: [(-500, true), (0, false), (200, false)])
    func jobsAreNotSparedWithTheRunner(adjustment: Int, isSet: Bool) throws {
        let limits = ProcessLimits(openFiles: nil, processes: nil, oomScoreAdjustment: adjustment)
        let arguments = dialect.runArguments(try EngineSample.request(), facts: EngineSample.podman, limits: limits)
        #expect(arguments.contains("--oom-score-adj=0") == isSet)
    }

    @Test(arguments: [(1_048_575, true), (1_048_576, false), (nil, false)] as [(UInt64?, Bool)])
    func lowLimitsAreNamed(_ limit: UInt64?, named: Bool) throws {
        let limits = ProcessLimits(openFiles: limit, processes: limit)
        let arguments = dialect.runArguments(try EngineSample.request(), facts: EngineSample.podman, limits: limits)
        #expect(arguments.contains { $0.hasPrefix("--ulimit=nofile=") } == named)
        #expect(arguments.contains { $0.hasPrefix("--ulimit=nproc=") } == named)
    }

    @Test func otherCalls() throws {
        #expect(dialect.infoArguments == ["info", "--format=json"])
        #expect(dialect.inspectArguments(["a", "b"]) == ["container", "inspect", "--", "a", "b"])
        #expect(
            dialect.removeArguments(["a", "b"]) == [
                "rm", "--force", "--volumes", "--ignore", "--time=0", "--", "a", "b",
            ])
        #expect(dialect.stopArguments("a", graceSeconds: 7) == ["stop", "--time=7", "--", "a"])
        #expect(dialect.logEndArguments("a") == ["logs", "--tail=3", "--", "a"])
        #expect(dialect.killArguments("a") == ["kill", "--signal=KILL", "--", "a"])
        #expect(
            dialect.listArguments(stateID: "s1")
                == ["ps", "--all", "--no-trunc", "--filter=label=phjob.state=s1", "--format={{.ID}},{{.Names}}"])
        #expect(dialect.logArguments("a", since: nil, follow: false) == ["logs", "--timestamps", "--", "a"])
        #expect(
            dialect.logArguments("a", since: "2026-11-21T09:00:00.5Z", follow: true)
                == ["logs", "--timestamps", "--follow", "--since=2026-11-21T09:00:00.5Z", "--", "a"])
        #expect(
            try dialect.imageInspectArguments(ImageReference(parsing: "base:1")) == [
                "image", "inspect", "--", "base:1",
            ])
        #expect(
            try dialect.imageExistsArguments(ImageReference(parsing: "base:1")) == ["image", "exists", "--", "base:1"])
        #expect(
            dialect.createArguments(name: "a", stateID: "s1", imageID: "00") == [
                "create", "--name=a", "--label=phjob.state=s1", "--pull=never", "--network=none", "--user=0:0",
                "--workdir=/", "--stop-signal=SIGTERM", "--no-healthcheck", "--entrypoint=/none",
                "--image-volume=ignore",
                "--", "00",
            ])
        #expect(dialect.copyArguments(name: "a", path: "/etc/passwd") == ["cp", "--", "a:/etc/passwd", "-"])
        #expect(dialect.name == .podman && dialect.writesLogFile && !dialect.createdMeansNeverRan)
    }

    /// `docker://` is no other transport, whatever follows; a name without a registry keeps podman's aliases.
    @Test(arguments: [
        ("base", "base"), ("python:3.12", "python:3.12"), ("a/b", "a/b"), ("docker:24", "docker:24"),
        ("localhost/phjob/base:latest", "docker://localhost/phjob/base:latest"),
        ("registry.lab:5000/x", "docker://registry.lab:5000/x"), ("docker:5000/x", "docker://docker:5000/x"),
        ("quay.io/x:1@sha256:\(id)", "docker://quay.io/x@sha256:\(id)"), ("x:1@sha256:\(id)", "x@sha256:\(id)"),
    ])
    func pulling(_ reference: String, operand: String) throws {
        #expect(dialect.pullArguments(try ImageReference(parsing: reference)) == ["pull", "--", operand])
    }

    private static let id = String(repeating: "0a", count: 32)

    @Test func recordedFacts() throws {
        let facts = try dialect.facts(from: Array(Recorded.podmanInfo.utf8))
        #expect(
            facts
                == EngineFacts(
                    name: .podman, version: "4.3.1", isRootless: false, cgroupVersion: 1, unenforcedLimits: [],
                    imageList: "/var/lib/containers/storage/overlay-images/images.json",
                    exitDirectory: "/run/libpod/exits", monitorProgram: "/usr/bin/conmon",
                    storageDirectory: "/var/lib/containers/storage",
                    seccompProfile: "/usr/share/containers/seccomp.json"))
    }

    @Test(
        arguments: [
            (
                #"{"host":{"cgroupVersion":"v1","cgroupControllers":["cpu","memory","pids"],"security":{"rootless":true}}}"#,
                1,
                ["cpu", "memory", "pids"]
            ),
            (
                #"{"host":{"cgroupVersion":"v2","cgroupControllers":["memory","pids"],"security":{"rootless":true}}}"#,
                2, ["cpu"]
            ),
            (
                #"{"host":{"cgroupVersion":"v2","cgroupControllers":null,"security":{"rootless":true}}}"#, 2,
                ["cpu", "memory", "pids"]
            ),
            (
                #"{"host":{"cgroupVersion":"v2","cgroupControllers":["cpu","memory","pids"],"security":{"rootless":true}}}"#,
                2, []
            ),
            (#"{"host":{"security":{"rootless":true},"cgroupControllers":["cpu","memory","pids"]}}"#, nil, []),
        ] as [(String, Int?, [String])])
    func rootlessFacts(_ info: String, cgroupVersion: Int?, unenforced: [String]) throws {
        let facts = try dialect.facts(from: Array(info.utf8))
        #expect(facts.isRootless && facts.version == "unknown")
        #expect(facts.cgroupVersion == cgroupVersion && facts.unenforcedLimits == unenforced)
    }

    /// Where images come from other stores too, no file of one store tells of a change.
    @Test(
        arguments: [
            (#"{"graphDriverName":"overlay","graphRoot":"/g","graphOptions":{}}"#, "/g/overlay-images/images.json"),
            (
                #"{"graphDriverName":"vfs","graphRoot":"/g","graphOptions":{"overlay.mount_program":{"Executable":"/f"}}}"#,
                "/g/vfs-images/images.json"
            ),
            (#"{"graphDriverName":"overlay","graphRoot":"/g"}"#, "/g/overlay-images/images.json"),
            (#"{"graphDriverName":"overlay","graphRoot":"/g","graphOptions":{"overlay.imagestore":"/ro"}}"#, nil),
            (#"{"graphDriverName":"overlay"}"#, nil), ("null", nil),
        ] as [(String, String?)])
    func imageLists(_ store: String, _ expected: String?) throws {
        let facts = try dialect.facts(from: Array(#"{"host":{},"store":\#(store)}"#.utf8))
        #expect(facts.imageList == expected && facts.exitDirectory == nil)
    }

    @Test(arguments: ["", "json", "{}", "[]", "null", #"{"host":null}"#, #"{"host":[]}"#, "{\"host\":{", "\u{1b}[2J"])
    func garbledFacts(_ info: String) {
        #expect(throws: EngineError.garbled("'podman info' printed no description of the host")) {
            try dialect.facts(from: Array(info.utf8))
        }
    }

    @Test func bytesThatAreNoText() {
        #expect(throws: EngineError.self) { try dialect.facts(from: [0xff, 0x00, 0xfe]) }
    }
}
