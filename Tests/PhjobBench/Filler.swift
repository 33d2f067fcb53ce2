import Glibc
import PhjobCore
import PhjobStore
import PhjobSystem

/// Fills a state directory with records, as many as a lab makes in a year, without going through a runner.
///
/// They are encoded as the store encodes them; only its fsyncs are left out.
struct Filler {
    private let layout: StateLayout
    private var generator = SystemRandomNumberGenerator()
    private let now = Timestamp(milliseconds: Int64(Clock.date * 1000))

    init(state: String) throws {
        layout = StateLayout(root: state)
        try Directory.create(layout.jobs)
    }

    /// Adds jobs that have succeeded, one a minute up to now. The newest, those of a week, have their log still.
    ///
    /// - Returns: the id of one in the middle.
    mutating func addEnded(_ count: Int) throws -> JobID {
        var middle: JobID?
        for number in 0..<count {
            let age = Int64(count - number) * 60
            var job = try job(age: age)
            let (start, end) = (now.adding(seconds: 10 - age), now.adding(seconds: 40 - age))
            let process = ContainerIdentity.ProcessIdentity(pid: 4242, startTicks: 987_654)
            let container = ContainerIdentity(id: Self.hash, process: process, bootID: Self.hash)
            let usage = JobOutcome.Usage(peakMemory: MemorySize(bytes: 123_456_789), cpuSeconds: 12.5)
            let exit = ContainerExit(exitCode: 0, startTime: start, finishTime: end, usage: usage)
            let events: [(JobEvent, Timestamp)] = [
                (.admitted(gpus: []), start), (.prepared(ResolvedImage(id: Self.hash), bootID: Self.hash), start),
                (.started(container, at: start), start), (.exited(exit), end), (.cleanedUp(logIncomplete: nil), end),
            ]
            for (event, time) in events { _ = try job.handle(event, at: time) }
            let hasLog = age < Self.retention
            if !hasLog { _ = try job.handle(.logExpired, at: now) }
            try write(JobRecord(job: job, revision: 6))
            if hasLog {
                let line = LogRecord.encode("done", time: end.description)
                try Self.create("\(layout.job(job.id).log)", line)
            }
            if number == count / 2 { middle = job.id }
        }
        guard let middle else { throw Problem("there is nothing to fill in") }
        return middle
    }

    /// Adds jobs that wait, submitted within the last minutes.
    mutating func addWaiting(_ count: Int) throws {
        for number in 0..<count { try write(JobRecord(job: job(age: Int64(count - number) / 20), revision: 1)) }
    }

    private static let retention: Int64 = 604_800
    private static let hash = String(repeating: "0f", count: 32)

    private mutating func job(age: Int64) throws -> Job {
        let time = now.adding(seconds: -age)
        guard let account = UserAccount.current else { throw Problem("this user has no account") }
        let spec = JobSpec(
            displayName: "evaluate-\(age % 100)",
            user: JobSpec.User(name: account.name, uid: account.uid, gid: account.gid), groupName: "lab",
            command: "python3 evaluate.py --epochs 10 --seed \(age) >out.txt\n", environment: ["SEED": "\(age)"],
            activeDeadlineSeconds: 86_400,
            instanceType: JobSpec.Instance(
                name: "one", displayName: "one", cpuLimit: CPUAmount(milli: 1000),
                memoryLimit: MemorySize(bytes: 1 << 30), gpuLimit: 0),
            image: JobSpec.Image(
                name: "minimal", displayName: "minimal", reference: Bench.image, pullPolicy: .never),
            volume: nil, datasets: [],
            settings: JobSpec.Settings(
                network: "none", pidsLimit: 4096, stopGraceSeconds: 10, logMaxSize: MemorySize(bytes: 1 << 30),
                logRetentionSeconds: Self.retention))
        return Job(id: JobID(createdAt: time, using: &generator), spec: spec, createTime: time)
    }

    private func write(_ record: JobRecord) throws {
        let place = layout.job(record.job.id)
        try retrying("cannot make \(place.root)") { mkdir(place.root, 0o700) }
        try Self.create(place.record, JobRecordCoding.encode(record))
    }

    private static func create(_ path: String, _ bytes: [UInt8]) throws {
        try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_EXCL).write(bytes)
    }
}
