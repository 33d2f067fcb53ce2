import PhjobCore
import PhjobTestSupport
import Testing

@testable import PhjobEngine

struct DockerDialectTests {
    private let dialect = DockerDialect()
    private let log = [
        "--log-driver=json-file", "--log-opt=max-size=52428800", "--log-opt=max-file=2", "--log-opt=mode=blocking",
        "--log-opt=compress=false",
    ]
    /// Removed from the container, whatever the client's configuration has.
    private let noProxies = [
        "--env=HTTP_PROXY", "--env=http_proxy", "--env=HTTPS_PROXY", "--env=https_proxy", "--env=FTP_PROXY",
        "--env=ftp_proxy", "--env=ALL_PROXY", "--env=all_proxy", "--env=NO_PROXY", "--env=no_proxy",
    ]

    @Test(
        arguments: [
            ([], []), ([1], ["--gpus=device=1"]), ([0, 2, 3], ["--gpus=\"device=0,2,3\""]),
            ([GPU(index: 1, uuid: "GPU-5d")], ["--gpus=device=GPU-5d"]),
            ([GPU(index: 1, uuid: "GPU-5d"), GPU(index: 0, uuid: "GPU-ab")], ["--gpus=\"device=GPU-5d,GPU-ab\""]),
        ] as [([GPU], [String])])
    func launch(_ gpus: [GPU], devices: [String]) throws {
        let arguments = dialect.runArguments(
            try EngineSample.request(gpus: gpus), facts: EngineSample.docker,
            limits: ProcessLimits(openFiles: 20_000, processes: 4096))
        #expect(
            arguments == PodmanDialectTests.beginning + PodmanDialectTests.sameUsers + ["--network=none"]
                + PodmanDialectTests.amounts + devices + noProxies + log + PodmanDialectTests.ownMounts
                + PodmanDialectTests.sharedMounts + PodmanDialectTests.end)
    }

    @Test func launchWithTheLeast() throws {
        var spec = SampleJob.spec()
        spec.volume = nil
        spec.datasets = []
        spec.settings.network = "default"
        spec.activeDeadlineSeconds = nil
        let arguments = dialect.runArguments(
            try EngineSample.request(spec: spec), facts: EngineSample.docker, limits: EngineSample.limits)
        #expect(
            arguments == PodmanDialectTests.beginning + PodmanDialectTests.sameUsers + PodmanDialectTests.amounts
                + noProxies + log + PodmanDialectTests.ownMounts + PodmanDialectTests.end)
    }

    /// A rootless daemon is in a user namespace itself, which is no matter of ours.
    @Test func launchWhereTheDaemonIsRootless() throws {
        var facts = EngineSample.docker
        facts.isRootless = true
        let arguments = dialect.runArguments(try EngineSample.request(), facts: facts, limits: EngineSample.limits)
        #expect(!arguments.contains { $0.hasPrefix("--userns") })
    }

    @Test func adviceOnARefusal() {
        let words =
            "docker: Error response from daemon: logger: max-buffer-size option is only supported with 'mode=non-blocking'"
        #expect(dialect.advice(onRefusal: words).contains("remove 'max-buffer-size' from the log-opts"))
        #expect(dialect.advice(onRefusal: "no space left on device").isEmpty)
    }

    @Test(arguments: [(1, "1"), (2, "2"), (3, "2"), (nil, "2")] as [(Int64?, String)])
    func noMoreProcessorsThanItGives(_ processors: Int64?, given: String) throws {
        var facts = EngineSample.docker
        facts.processors = processors.map { CPUAmount(milli: $0 * 1000) }
        let arguments = dialect.runArguments(try EngineSample.request(), facts: facts, limits: EngineSample.limits)
        #expect(arguments.contains("--cpus=\(given)"))
    }

    @Test(
        arguments: [("8", 8000), ("0", nil), ("-1", nil), ("9223372036854775807", nil), ("null", nil)]
            as [(String, Int64?)])
    func processors(_ count: String, milli: Int64?) throws {
        let info = #"{"ServerVersion":"27.0","NCPU":\#(count)}"#
        #expect(try dialect.facts(from: Array(info.utf8)).processors == milli.map(CPUAmount.init(milli:)))
    }

    @Test func otherCalls() {
        #expect(dialect.infoArguments == ["info", "--format={{json .}}"])
        #expect(dialect.inspectArguments(["a", "b"]) == ["container", "inspect", "--", "a", "b"])
        #expect(dialect.removeArguments(["a", "b"]) == ["rm", "--force", "--volumes", "--", "a", "b"])
        #expect(dialect.stopArguments("a", graceSeconds: 0) == ["stop", "--time=0", "--", "a"])
        #expect(dialect.killArguments("a") == ["kill", "--signal=KILL", "--", "a"])
        #expect(dialect.logArguments("a", since: nil, follow: true) == ["logs", "--timestamps", "--follow", "--", "a"])
        #expect(
            dialect.logArguments("a", since: "2026-11-21T09:00:00Z", follow: false)
                == ["logs", "--timestamps", "--since=2026-11-21T09:00:00Z", "--", "a"])
        #expect(dialect.name == .docker && !dialect.writesLogFile && dialect.createdMeansNeverRan)
    }

    @Test func recordedFacts() throws {
        let facts = try dialect.facts(from: Array(Recorded.dockerInfo.utf8))
        #expect(
            facts
                == EngineFacts(
                    name: .docker, version: "20.10.24+dfsg1", isRootless: false, cgroupVersion: 1, unenforcedLimits: [],
                    processors: CPUAmount(milli: 2000), imageList: "/var/lib/docker/image/overlay2/repositories.json",
                    recordDirectory: "/var/lib/docker/containers", storageDirectory: "/var/lib/docker")
        )
    }

    @Test func rootlessFacts() throws {
        let info = #"""
            {"ServerVersion":"27.0","CgroupVersion":"2","SecurityOptions":["name=seccomp,profile=builtin","name=rootless"],
             "CpuCfsQuota":false,"MemoryLimit":false,"PidsLimit":false}
            """#
        let facts = try dialect.facts(from: Array(info.utf8))
        #expect(facts.isRootless && facts.cgroupVersion == 2 && facts.unenforcedLimits == ["cpu", "memory", "pids"])
    }

    @Test(arguments: [
        (Recorded.dockerInfoWithoutDaemon, EngineError.unreachable("the docker daemon gave no version")),
        (#"{"ServerErrors":["no daemon","at all"]}"#, .unreachable("no daemon; at all")),
        ("{}", .unreachable("the docker daemon gave no version")),
        (
            Recorded.podmanInfo,
            .notInstalled(
                "'docker' is podman here, under another name; "
                    + "set \"engine\": { \"name\": \"podman\" } in the catalogue")
        ),
        ("json", .garbled("'docker info' printed no description of the daemon")),
        ("", .garbled("'docker info' printed no description of the daemon")),
        (#"{"ServerVersion":5}"#, .garbled("'docker info' printed no description of the daemon")),
    ])
    func noDaemon(_ info: String, error: EngineError) {
        #expect(throws: error) { try dialect.facts(from: Array(info.utf8)) }
    }

    @Test func images() throws {
        let reference = try ImageReference(parsing: "quay.io/x:1")
        #expect(dialect.pullArguments(reference) == ["pull", "--", "quay.io/x:1"])
        #expect(dialect.imageExistsArguments(reference) == nil)
        #expect(dialect.saysNoImage("Error response from daemon: no such image: x: No such image: x:latest"))
        #expect(dialect.saysNoImage("Error: No such image: x"))
        #expect(!dialect.saysNoImage("Error response from daemon: layer does not exist"))
        let words = "Error response from daemon: Could not find the file /bin/sh in container a"
        #expect(dialect.saysNoFile(words, path: "/bin/sh", container: "a"))
        #expect(!dialect.saysNoFile(words, path: "/etc/passwd", container: "a"))
        #expect(dialect.saysNoFile("Error: No such container:path: a:/bin/sh", path: "/bin/sh", container: "a"))
        #expect(!dialect.saysNoFile("Error: No such container: a", path: "/bin/sh", container: "a"))
        #expect(!dialect.createArguments(name: "a", stateID: "s", imageID: "0").contains("--image-volume=ignore"))
    }
}
