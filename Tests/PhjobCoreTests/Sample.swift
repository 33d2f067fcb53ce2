import FoundationEssentials

@testable import PhjobCore

/// Values that the tests of this target begin with.
enum Sample {
    static let created = Timestamp(milliseconds: 1_795_251_600_125)
    static let started = created.adding(seconds: 60)
    /// The time of the event that a test is about.
    static let now = created.adding(seconds: 100)
    static let id = JobID("job-202611211000-a1b2c3")!
    static let bootID = "5f1c8a8e-0000-4000-8000-000000000001"
    static let image = ResolvedImage(
        id: String(repeating: "ab", count: 32), repoDigest: "registry.lab/base@sha256:00", engine: "podman")
    static let container = ContainerIdentity(
        id: String(repeating: "c0", count: 32),
        process: ContainerIdentity.ProcessIdentity(pid: 4711, startTicks: 123_456_789_012), bootID: bootID)
    static let launch = PreparingJob.Launch(image: image, requestTime: created.adding(seconds: 50), bootID: bootID)
    static let cancel = StopIntent(kind: .cancel, userName: "ada", time: created.adding(seconds: 70))
    static let deadline = StopIntent(kind: .deadline, time: created.adding(seconds: 70))
    static let scratchLimit = StopIntent(kind: .scratchLimit, time: created.adding(seconds: 70))
    /// An ordinary end of a command, with a code that stands for nothing else.
    static let exit = ContainerExit(
        exitCode: 7, startTime: started, finishTime: created.adding(seconds: 90),
        usage: JobOutcome.Usage(peakMemory: MemorySize(bytes: 1 << 20), cpuSeconds: 1.5))
    static let user = JobSpec.User(name: "ada", uid: 1000, gid: 100)

    static func spec(_ change: (inout JobSpec) -> Void = { _ in }) -> JobSpec {
        var spec = JobSpec(
            displayName: "train", user: user, groupName: "research", command: "python3 train.py\n",
            environment: ["SEED": "42"], activeDeadlineSeconds: 3600,
            instanceType: JobSpec.Instance(
                name: "gpu-2", displayName: "Two GPUs", cpuLimit: CPUAmount(milli: 2500),
                memoryLimit: MemorySize(bytes: 8 << 30), gpuLimit: 2),
            image: JobSpec.Image(
                name: "base", displayName: "Base", reference: "registry.lab/base:latest", pullPolicy: .missing),
            volume: "/srv/research", datasets: [JobSpec.Dataset(name: "mnist", path: "/srv/mnist", writable: false)],
            settings: JobSpec.Settings(
                network: "default", pidsLimit: 4096, stopGraceSeconds: 10, logMaxSize: MemorySize(bytes: 1 << 30),
                logRetentionSeconds: 604_800, scratchMaxSize: MemorySize(bytes: 5 << 30)),
            rerunOf: nil, idempotency: JobSpec.Idempotency(key: "ci-17", contentDigest: "00ff"))
        change(&spec)
        return spec
    }

    static func preparing(launched: Bool, intent: StopIntent? = nil) -> JobState {
        .preparing(PreparingJob(gpus: [0, 1], launch: launched ? launch : nil, intent: intent))
    }

    static func running(_ intent: StopIntent? = nil) -> JobState {
        .running(
            RunningJob(
                gpus: [0, 1], image: image, container: container, startTime: started,
                deadline: started.adding(seconds: 3600), intent: intent))
    }

    static func ended(_ phase: JobPhase, cleanedUp: Bool = false, logExpired: Bool = false) -> JobState {
        let outcome = JobOutcome(
            phase: phase, reason: JobReason(rawValue: "FromTheFuture"), message: "it ended", exitCode: 143,
            signal: "SIGTERM", usage: JobOutcome.Usage(peakMemory: MemorySize(bytes: 5), cpuSeconds: 0.25),
            cancelledBy: phase == .cancelled ? "ada" : nil)
        var ended = EndedJob(
            outcome: outcome, startTime: started, finishTime: created.adding(seconds: 90), image: image, gpus: [0, 1],
            containerID: container.id, mayHaveContainer: true)
        ended.isCleanedUp = cleanedUp
        ended.logExpireTime = logExpired ? created.adding(seconds: 95) : nil
        return .ended(ended)
    }

    /// A job that got into `state` by some way; its history tells of the state alone.
    static func job(_ state: JobState = .pending(PendingJob()), spec: JobSpec = spec()) -> Job {
        var job = Job(id: id, spec: spec, createTime: created)
        guard state != .pending(PendingJob()) else { return job }
        job.state = state
        job.history.append(Job.PhaseChange(phase: state.phase, reason: .started, time: started))
        return job
    }

    /// What a value becomes on its way through a file.
    static func recoded<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    }

    static func json(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }
}

extension GPU: ExpressibleByIntegerLiteral {
    public init(integerLiteral index: Int) { self.init(index: index) }
}

extension Sample {
    /// The first GPUs of a node.
    static func gpus(_ count: Int) -> [GPU] { (0..<count).map { GPU(index: $0) } }

    static func caller(_ name: String, unixGroups: Set<String> = [], isAdministrator: Bool = false) -> Caller {
        Caller(
            user: JobSpec.User(name: name, uid: 1000, gid: 100), unixGroups: unixGroups,
            isAdministrator: isAdministrator)
    }

    static func node(_ amount: ResourceAmount) -> NodeCapacity {
        NodeCapacity(amount: amount, gpus: gpus(amount.gpus))
    }
}
