package import PhjobCore

/// Jobs for tests, complete and always the same.
package enum SampleJob {
    package static let time = Timestamp(milliseconds: 1_795_246_053_125)

    /// An id that differs with `number`.
    package static func id(_ number: Int = 0) -> JobID {
        let digits = String(number, radix: 36)
        guard
            let id = JobID(
                "job-202611210727-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits.suffix(6))
        else {
            preconditionFailure("not an id: \(digits)")
        }
        return id
    }

    package static func spec(command: String = "echo hello\n", user: JobSpec.User? = nil) -> JobSpec {
        JobSpec(
            displayName: "Train \"digits\" \u{1f680}", user: user ?? JobSpec.User(name: "alice", uid: 1000, gid: 100),
            groupName: "research", command: command, environment: ["EPOCHS": "3", "EMPTY": ""],
            activeDeadlineSeconds: 86_400,
            instanceType: JobSpec.Instance(
                name: "cpu-2", displayName: "CPU 2", cpuLimit: CPUAmount(milli: 2000),
                memoryLimit: MemorySize(bytes: 4 << 30),
                gpuLimit: 0),
            image: JobSpec.Image(
                name: "base", displayName: "Base", reference: "localhost/phjob/base:latest", pullPolicy: .never),
            volume: "/srv/volumes/research",
            datasets: [JobSpec.Dataset(name: "digits", path: "/srv/datasets/digits", writable: false)],
            settings: JobSpec.Settings(
                network: "none", pidsLimit: 1024, stopGraceSeconds: 10, logMaxSize: MemorySize(bytes: 100 << 20),
                logRetentionSeconds: 604_800))
    }

    package static func job(_ number: Int = 0, spec: JobSpec? = nil) -> Job {
        Job(id: id(number), spec: spec ?? self.spec(), createTime: time)
    }

    /// The same job brought to each kind of state by its events: pending, preparing, launching, running, ended.
    package static func inEveryState() throws -> [Job] {
        let container = ContainerIdentity(
            id: String(repeating: "ab", count: 32), process: .init(pid: 4242, startTicks: 987_654), bootID: "boot-1")
        let exit = ContainerExit(
            exitCode: 3, startTime: time, finishTime: time.adding(seconds: 60),
            usage: JobOutcome.Usage(peakMemory: MemorySize(bytes: 123_456_789), cpuSeconds: 1.25))
        let events: [JobEvent] = [
            .admitted(gpus: [GPU(index: 0), GPU(index: 1)]),
            .prepared(ResolvedImage(id: String(repeating: "0f", count: 32)), bootID: "boot-1"),
            .started(container, at: time.adding(seconds: 2)), .cancelRequested(userName: "bob"), .exited(exit),
            .cleanedUp(logIncomplete: "the disk was full"), .logExpired,
        ]
        var job = job()
        var jobs = [job]
        for (index, event) in events.enumerated() {
            _ = try job.handle(event, at: time.adding(seconds: Int64(index) * 60))
            jobs.append(job)
        }
        return jobs
    }
}
