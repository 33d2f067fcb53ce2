import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("Retention, and a catalogue that changes")
struct RetentionTests {
    /// A job that ended as `job` did, and whose log was to be kept for no time at all.
    private static func withoutRetention(_ job: Job) throws -> Job {
        var spec = job.spec
        spec.settings.logRetentionSeconds = 0
        guard case .ended(let ended) = job.state, let image = ended.image, let start = ended.startTime else {
            return job
        }
        var other = Job(id: job.id, spec: spec, createTime: job.createTime)
        let container = ContainerIdentity(id: ended.containerID ?? "", process: nil, bootID: Boot.id)
        let exit = ContainerExit(
            exitCode: ended.outcome.exitCode ?? 0, startTime: start, finishTime: ended.finishTime)
        let events: [JobEvent] = [
            .admitted(gpus: []), .prepared(image, bootID: Boot.id), .started(container, at: start), .exited(exit),
            .cleanedUp(logIncomplete: nil),
        ]
        for event in events { _ = try other.handle(event, at: ended.finishTime) }
        return other
    }

    @Test("The log goes when its time is over, the record stays and says so")
    func logExpires() async throws {
        try await withRunner(WorldOptions(retention: 1)) { runner in
            let id = try runner.submit("echo output")
            let view = try runner.waitForEnd(id)
            #expect(view.log.expireTime == view.finishTime?.adding(seconds: 1))
            let expired = try runner.wait(id, "the log's end") { $0.log.state == .expired }
            #expect(expired.phase == .succeeded && expired.message == view.message)
            #expect(try #require(expired.log.expireTime) >= (try #require(view.finishTime)).adding(seconds: 1))
            try blockUntil("the files are gone") {
                try runner.world.directory.names("state/jobs/\(id)") == ["job.json"]
            }
            // It is not removed again, and others are.
            let other = try runner.submit("echo output")
            try runner.waitForEnd(other)
            try runner.wait(other, "the log's end") { $0.log.state == .expired }
        }
    }

    @Test("What expired while no runner was there goes at the start, also a removal that was cut short")
    func expiredMeanwhile() async throws {
        try await withRunner { runner in
            let (first, second) = (try runner.submit("echo 1"), try runner.submit("echo 2"))
            try runner.waitForEnd(first)
            try runner.waitForEnd(second)
            runner.kill()
            // The second's time is over.
            try LossTests.rewrite(runner.world, second) { _, job in try Self.withoutRetention(job) }
            // The record says that the first's log is gone, and the files are still there.
            try LossTests.rewrite(runner.world, first) { _, job in
                var job = job
                _ = try job.handle(.logExpired, at: Supervisor.now)
                return job
            }
            #expect(try runner.world.directory.names("state/jobs/\(first)").contains("log"))
            let next = try runner.world.start()
            defer { next.kill() }
            for id in [first, second] {
                try blockUntil("the files are gone") {
                    try next.world.directory.names("state/jobs/\(id)") == ["job.json"]
                }
                #expect(try next.view(id).log.state == .expired)
            }
        }
    }

    @Test("A record that cannot be read any more keeps no other log from going")
    func damagedMeanwhile() async throws {
        try await withRunner(WorldOptions(retention: 6)) { runner in
            let (first, second) = (try runner.submit("echo 1"), try runner.submit("echo 2"))
            try runner.waitForEnd(first)
            try #require(try runner.view(first).log.state == .complete)
            try runner.world.directory.write("{", to: "state/jobs/\(first)/job.json")
            try runner.wait(second, "the log's end") { $0.log.state == .expired }
            try blockUntil("it was tried") { runner.world.text("runner.log").contains("log-not-expired") }
        }
    }

    @Test("A broken catalogue keeps the old one in force, and is reported")
    func brokenCatalogue() async throws {
        try await withRunner { runner in
            let configuration = RunnerConfiguration(
                stateDirectory: runner.world.statePath, cataloguePath: runner.world.cataloguePath, socketPath: "",
                environment: [:], version: "1")
            try runner.world.directory.write(
                "{ \"schema\": 1, // a comment\n \"groups\": [{}], }", to: "catalogue.json")
            do throws(PhjobError) {
                try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
                Issue.record("a broken catalogue was taken")
            } catch {
                runner.supervisor.refuseCatalogue(error)
            }
            var status = runner.supervisor.status(
                configuration, startTime: Supervisor.now, caller: World.caller("boss", isAdministrator: true))
            #expect(status.catalogueProblems.first?.contains("groups[0].name") == true)
            // What is in it is told only to those who may mend it.
            let others = runner.supervisor.status(configuration, startTime: Supervisor.now, caller: World.alice)
            #expect(others.catalogueProblems == ["it has mistakes, and the one before it stays in force"])
            #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded)
            try runner.world.write(WorldOptions(cpus: 3))
            try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
            status = runner.supervisor.status(
                configuration, startTime: Supervisor.now, caller: World.caller("boss", isAdministrator: true))
            #expect(status.catalogueProblems.isEmpty)
            #expect(status.capacity.cpus == CPUAmount(milli: 3000))
        }
    }

    @Test("A changed catalogue changes no job that was submitted")
    func changedCatalogue() async throws {
        try await withRunner(WorldOptions(cpus: 1, grace: 7)) { runner in
            let first = try runner.submit(QueueTests.until("go"))
            let second = try runner.submit("true")
            try runner.world.write(WorldOptions(cpus: 1, grace: 3))
            try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
            let third = try runner.submit("true")
            try runner.world.directory.write("", to: "go")
            for id in [first, second, third] { try runner.waitForEnd(id) }
            #expect(try runner.store.load(second).job.spec.settings.stopGraceSeconds == 7)
            #expect(try runner.store.load(third).job.spec.settings.stopGraceSeconds == 3)
        }
    }

    @Test("A catalogue is JSON with comments; what cannot be read is said clearly")
    func files() async throws {
        try await withWorld { world in
            try world.directory.write("// nothing but a comment\n", to: "a.json")
            #expect { try CatalogueFile.load(world.directory("a.json")) } throws: {
                ($0 as? PhjobError)?.message.contains("is not JSON") == true
            }
            #expect { try CatalogueFile.load(world.directory("none.json")) } throws: {
                ($0 as? PhjobError)?.hint?.contains("phjob init") == true
            }
            try world.directory.write([0xff, 0xfe, 0x00], to: "b.json")
            #expect(throws: PhjobError.self) { try CatalogueFile.load(world.directory("b.json")) }
            mkfifo(world.directory("c.json"), 0o600)
            #expect(throws: PhjobError.self) { try CatalogueFile.load(world.directory("c.json")) }
        }
    }
}
