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

    /// What is on the disk, after the power was cut, of a job that was submitted and of one that was cancelled then.
    private static func remains(_ fault: Fault?) async throws -> (submitted: Bool, cancelled: Bool) {
        let found = Mutex((submitted: false, cancelled: false))
        try await withRunnerProcess(WorldOptions(cpus: 1)) { world, _ in
            let disk = try MountedDisk(.ext4, megabytes: 32, at: world.statePath, image: world.directory("disk.img"))
            let environment = try fault?.environment(
                at: 1, root: world.statePath, log: world.directory("faults"))
            let runner = try RunnerProcess(world, environment: environment ?? [:])
            defer { _ = try? runner.end(SIGKILL) }
            try blockUntil("the runner answers") { (try? runner.client.status()) != nil }
            let first = try runner.client.submit(JobSubmission(command: "sleep 3600"))
            try blockUntil("it runs") { try runner.client.job(first.id.text).phase == .running }
            let waiting = try runner.client.submit(JobSubmission(command: "true"))
            // The disk holds what is there so far, whatever the runner does.
            sync()
            #expect(try runner.client.cancel(waiting.id.text).phase == .cancelled)
            let submitted = try runner.client.submit(JobSubmission(command: "true"))
            try runner.freeze()
            let after = try disk.cut(to: world.directory("after.img"), at: world.directory("after"))
            let store = try JobStore(root: after.path)
            found.withLock {
                $0.submitted = (try? store.load(submitted.id)) != nil
                $0.cancelled = (try? store.load(waiting.id).job.phase) == .cancelled
            }
            // Until here it is mounted.
            withExtendedLifetime(after) {}
        }
        return found.withLock { $0 }
    }

    @Test("These tests can fail: what a writer that syncs nothing has acknowledged is lost")
    func canFail() async throws {
        #expect(try await Self.remains(nil) == (true, true))
        #expect(try await Self.remains(.lazy) == (false, false))
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
