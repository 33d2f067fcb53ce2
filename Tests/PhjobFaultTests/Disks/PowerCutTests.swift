import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// What the disk holds when the power goes: all that anybody was told.
///
/// `PHJOB_TEST_POWER_CUTS` says how many rounds there are.
@Suite("A power cut", .serialized, .enabled(if: HostProcess.isRoot, "mounting needs root"))
struct PowerCutTests {
    private static let rounds = getenv("PHJOB_TEST_POWER_CUTS").flatMap { UInt64(String(cString: $0)) } ?? 5

    @Test("At any moment: nothing acknowledged is lost, no end has changed")
    func anyMoment() async throws {
        var known = 0
        for seed in 1...max(1, Self.rounds) {
            let facts = PowerCutFacts()
            try await withWorld(WorldOptions(cpus: 4, grace: 1)) { world in
                try PowerCutRound(world: world, seed: seed, facts: facts).run()
            }
            known += facts.count
        }
        #expect(known > Int(Self.rounds))
        print("power cuts: \(Self.rounds) rounds, \(known) acknowledged jobs")
    }

    /// What a runner acknowledges. Each alone: the fsync of the next one would commit it too.
    private enum Change: CaseIterable {
        case cancel, set, drain, submission

        /// Has it done.
        ///
        /// - Returns: whether it is in a state directory.
        func make(
            _ client: APIClient, running: JobID, waiting: JobID
        ) throws -> @Sendable (JobStore) throws -> Bool {
            switch self {
            case .cancel:
                // It ignores SIGTERM, so that nothing else is saved of it.
                _ = try client.cancel(running.text)
                return { try $0.load(running).job.intent?.kind == .cancel }
            case .set:
                _ = try client.set(waiting.text, QueueingChange(priority: 7))
                return { try $0.load(waiting).job.state == .pending(PendingJob(priority: 7)) }
            case .drain:
                _ = try client.drain(reason: "power")
                return { try $0.loadDrain()?.reason == "power" }
            case .submission:
                let id = try client.submit(JobSubmission(command: "true")).id
                return { (try? $0.load(id)) != nil }
            }
        }
    }

    /// Which changes are on the disk if the power is cut as soon as they are acknowledged.
    ///
    /// - Parameter unsynced: what is never synced, as a pattern of glob(7) below the state directory; nil for nothing.
    private static func kept(unsynced: String? = nil) async throws -> [Change: Bool] {
        let found = Mutex<[Change: Bool]>([:])
        try await withRunnerProcess(WorldOptions(cpus: 1, grace: 600)) { world, _ in
            let disk = try MountedDisk(.ext4, megabytes: 32, at: world.statePath, image: world.directory("disk.img"))
            let environment = try unsynced.map {
                try Fault.lazy.environment(
                    at: 1, root: world.statePath, log: world.directory("faults"), only: ("fsync", $0))
            }
            let runner = try RunnerProcess(world, environment: environment ?? [:])
            defer { _ = try? runner.end(SIGKILL) }
            try blockUntil("the runner answers") { (try? runner.client.status()) != nil }
            let running = try runner.client.submit(
                JobSubmission(command: "trap '' TERM; echo ready; while :; do sleep 0.05; done"))
            try blockUntil("it ignores SIGTERM") {
                var bytes: [UInt8] = []
                _ = try runner.client.log(running.id.text, LogOptions()) { bytes += $0 }
                return bytes == Array("ready\n".utf8)
            }
            let waiting = try runner.client.submit(JobSubmission(command: "true"))
            for change in Change.allCases {
                // The disk holds what is there so far, whatever the runner does.
                _ = try HostProcess.shell("sync -f \(disk.path)")
                let isKept = try change.make(runner.client, running: running.id, waiting: waiting.id)
                try runner.freeze()
                let after = try disk.cut(to: world.directory("\(change).img"), at: world.directory("\(change)"))
                let store = try JobStore(root: after.path)
                try found.withLock { $0[change] = try isKept(store) }
                // Until here it is mounted.
                withExtendedLifetime(after) {}
                kill(runner.pid, SIGCONT)
            }
        }
        return found.withLock(\.self)
    }

    @Test("The last thing that was acknowledged is kept, be it a cancellation, a change, a drain or a submission")
    func lastChange() async throws {
        #expect(try await Self.kept() == [.cancel: true, .set: true, .drain: true, .submission: true])
    }

    /// That of a record before it is renamed into its place, and of all other files, does not commit the renaming.
    @Test("This test can fail: what is acknowledged without the fsync of its directory, or of a new record, is lost")
    func canFail() async throws {
        #expect(
            try await Self.kept(unsynced: "@(|/jobs|/jobs/job-*|/jobs/job-*/job.json)")
                == [.cancel: false, .set: false, .drain: false, .submission: false])
    }
}

extension RunnerProcess {
    /// Stops all of its threads where they are.
    func freeze() throws {
        kill(pid, SIGSTOP)
        try blockUntil("it is stopped") {
            try Directory.names(in: Directory.open("/proc/\(pid)/task")).allSatisfy { thread in
                let path = "/proc/\(pid)/task/\(thread)/stat"
                guard let bytes = try? Descriptor(opening: path, flags: O_RDONLY).readAll(limit: 4096) else {
                    return true
                }
                let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
                return fields?.first == "T"
            }
        }
    }
}
