import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

/// The whole runner over a state directory in which something is not as it was written.
@Suite("A state directory with garbage in it")
struct GarbageTests {
    /// Jobs that have ended, run and wait.
    private struct Jobs {
        let ended: JobID
        let running: JobID
        let waiting: JobID

        var all: [JobID] { [ended, running, waiting] }
    }

    /// Fills a state directory, and leaves a copy of it that ``restore(_:)`` brings back.
    private static func fill(_ world: World, _ start: () throws -> RunnerProcess) throws -> Jobs {
        let runner = try start()
        func submit(_ command: String, _ type: String) throws -> JobID {
            let environment = ["T": world.directory.path]
            return try runner.client.submit(
                JobSubmission(instanceType: type, command: command, environment: environment)
            ).id
        }
        let ended = try submit("echo line; exit 4", "cpu-1")
        let running = try submit("while [ ! -e $T/go ]; do sleep 0.05; done", "cpu-1")
        _ = try runner.client.wait([ended.text])
        try blockUntil("it runs") { try runner.client.job(running.text).phase == .running }
        let waiting = try submit("true", "cpu-2")
        try blockUntil("the first is cleaned up") {
            try world.directory.text("state/jobs/\(ended)/job.json").contains(#""isCleanedUp":true"#)
        }
        try runner.end()
        try HostProcess.shell("cp -a \(world.statePath) \(world.directory("copy"))")
        return Jobs(ended: ended, running: running, waiting: waiting)
    }

    private static func restore(_ world: World) throws {
        // Clients of the engine that outlive the runner may still be at work in there.
        let old = "\(world.statePath).\(UInt32.random(in: 0...UInt32.max))"
        let done = try HostProcess.shell(
            "mv \(world.statePath) \(old) && cp -a \(world.directory("copy")) \(world.statePath)")
        guard done.isSuccess else { throw Failure(description: done.errors.text) }
        unlink(world.directory("second"))
    }

    private static func record(_ id: JobID, in world: World) -> String { "\(world.statePath)/jobs/\(id)/job.json" }

    @Test("The runner starts, sets exactly the damaged record aside, and says so", arguments: Damage.allCases)
    func oneRecord(_ damage: Damage) async throws {
        try await withRunnerProcess(WorldOptions(cpus: 2)) { world, start in
            let jobs = try Self.fill(world, start)
            for victim in jobs.all {
                let other = jobs.all.first { $0 != victim } ?? victim
                try damage.apply(
                    to: Self.record(victim, in: world), other: Self.record(other, in: world), in: world.directory)
                let runner = try start()
                let quarantined = try runner.client.status().quarantined
                try #require(quarantined.count == 1, "\(damage) \(victim): \(quarantined)")
                #expect(quarantined[0].hasPrefix(victim.text) && quarantined[0].contains(": "))
                let views = try runner.client.jobs(JobFilter()).items
                #expect(Set(views.map(\.id)) == Set(jobs.all).subtracting([victim]))
                for view in views {
                    #expect(view.id != jobs.ended || (view.phase == .failed && view.exitCode == 4))
                    #expect(view.id != jobs.running || view.phase == .running)
                }
                // Its log lies beside it, and nobody has touched its container.
                let name = try #require(quarantined[0].split(separator: ":").first.map(String.init))
                #expect(victim != jobs.ended || world.text("state/quarantine/\(name)/log").contains("line"))
                #expect(world.engine.containers.contains(jobs.running.containerName))
                #expect(try runner.client.submit(JobSubmission(command: "true")).phase != .unknown)
                try runner.end(SIGKILL)
                try Self.restore(world)
            }
        }
    }

    @Test(
        "Whatever becomes of the index, every job is there, and it is made anew",
        arguments: [.empty, .truncated, .flippedBit, .zeroed, .removed, .directory, .linkToNothing, .pipe] as [Damage])
    func index(_ damage: Damage) async throws {
        try await withRunnerProcess(WorldOptions(cpus: 2)) { world, start in
            let jobs = try Self.fill(world, start)
            let index = "\(world.statePath)/cache/jobs.index"
            try damage.apply(to: index, other: Self.record(jobs.ended, in: world), in: world.directory)
            for _ in 0..<2 {
                let runner = try start()
                let views = try runner.client.jobs(JobFilter()).items
                #expect(Set(views.map(\.id)) == Set(jobs.all))
                #expect(views.contains { $0.id == jobs.ended && $0.phase == .failed && $0.exitCode == 4 })
                #expect(try runner.client.status().quarantined == [])
                try runner.end(SIGKILL)
            }
        }
    }

    @Test("A record of a newer phjob: the runner refuses to start, and changes nothing")
    func newerSchema() async throws {
        try await withRunnerProcess(WorldOptions(cpus: 2)) { world, start in
            let jobs = try Self.fill(world, start)
            try Damage.makeNewer(Self.record(jobs.ended, in: world))
            // Not even a record that is damaged is moved then: the newer one may know better.
            try Damage.truncated.apply(
                to: Self.record(jobs.running, in: world), other: Self.record(jobs.ended, in: world), in: world.directory
            )
            func content() throws -> String {
                let script = "cd \(world.statePath) && find jobs quarantine -type f -exec sha256sum {} + | sort"
                return try HostProcess.shell(script).output.text
            }
            let before = try content()
            #expect(before.contains("job.json"))
            let runner = try RunnerProcess(world)
            try blockUntil("it has refused") { runner.exitCode != nil }
            #expect(runner.exitCode == 1)
            #expect(world.text("runner.log").contains("was written by a newer phjob (schema 2)"))
            #expect(try content() == before)
        }
    }
}
