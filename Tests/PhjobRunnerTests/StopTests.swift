import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("Cancel and deadline")
struct StopTests {
    /// A command that says that it runs, and then does so for ever.
    static let endless = "echo begun >>$T/begun; while true; do sleep 0.05; done"

    static func isCancelled(_ view: JobView) -> Bool {
        (view.phase, view.reason, view.cancelledBy) == (.cancelled, .cancelledByUser, "bob")
    }

    @Test("A waiting job is cancelled at once and never starts")
    func pending() async throws {
        try await withRunner(WorldOptions(cpus: 1)) { runner in
            let running = try runner.submit(QueueTests.until("go"))
            let waiting = try runner.submit("echo ran >>$T/ran")
            let view = try runner.cancel(waiting)
            #expect(Self.isCancelled(view))
            #expect(view.message == "cancelled by bob")
            #expect(view.startTime == nil)
            try runner.world.directory.write("", to: "go")
            try runner.waitForEnd(running)
            #expect(try runner.waitForEnd(waiting).log.state == JobView.Log.State.none)
            #expect(runner.world.text("ran").isEmpty)
        }
    }

    @Test("Cancelling during a pull that hangs ends the pull, and nothing is left")
    func preparing() async throws {
        try await withRunner { runner in
            let gate = runner.world.engine.makeGate("pull")
            try runner.world.engine.rule("pull", "gate pull")
            let id = try runner.submit("echo ran >>$T/ran", image: "remote")
            let client = try gate.awaitCall()
            let view = try runner.cancel(id)
            #expect(Self.isCancelled(view))
            try blockUntil("the pull's client has ended") { !HostProcess.isAlive(client) }
            try runner.waitForEnd(id)
            #expect(
                try runner.world.directory.names("state/jobs/\(id)").filter { !$0.hasPrefix("log") } == ["job.json"])
            #expect(runner.world.text("ran").isEmpty)
        }
    }

    @Test("Cancelling while the engine prepares leaves nothing behind", arguments: ["image-inspect", "create", "cp"])
    func preparingByEngine(_ verb: String) async throws {
        try await withRunner { runner in
            let gate = runner.world.engine.makeGate("held")
            try runner.world.engine.once(verb, "gate held")
            let id = try runner.submit("echo ran >>$T/ran")
            try gate.awaitCall()
            #expect(Self.isCancelled(try runner.cancel(id)))
            let opened = try gate.open()
            try runner.waitForEnd(id)
            withExtendedLifetime(opened) {}
            // The home directory of a job that is no more must not be made after it was removed.
            #expect(try runner.world.directory.names("state/jobs/\(id)") == ["job.json"])
            #expect(runner.world.engine.calls(of: "run") == 0)
        }
    }

    @Test("A client that launches is not killed; the stop follows", arguments: EngineName.allCases)
    func launching(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let gate = runner.world.engine.makeGate("run")
            try runner.world.engine.rule("run-created", "gate run")
            let id = try runner.submit(Self.endless)
            let client = try gate.awaitCall()
            let view = try runner.cancel(id)
            #expect((view.phase, view.reason) == (.preparing, .stopping))
            #expect(HostProcess.isAlive(client))
            let opened = try gate.open()
            #expect(Self.isCancelled(try runner.waitForEnd(id)))
            withExtendedLifetime(opened) {}
            #expect(runner.world.engine.containers.isEmpty)
        }
    }

    @Test("A launch that waits for its turn is not begun when the job was cancelled")
    func launchNotBegun() async throws {
        try await withRunner { runner in
            let gate = runner.world.engine.makeGate("run")
            try runner.world.engine.rule("run", "gate run")
            let first = try (0..<4).map { _ in try runner.submit("true") }
            try blockUntil("four launches are under way") { runner.world.engine.calls(of: "run") == 4 }
            let last = try runner.submit("echo ran >>$T/ran")
            try runner.wait(last, "waits to be launched") { $0.reason == .startingContainer }
            #expect(try runner.cancel(last).reason == .stopping)
            let opened = try gate.open()
            #expect(Self.isCancelled(try runner.waitForEnd(last)))
            for id in first { #expect(try runner.waitForEnd(id).phase == .succeeded) }
            withExtendedLifetime(opened) {}
            #expect(runner.world.engine.calls(of: "run") == 4)
            #expect(runner.world.text("ran").isEmpty)
        }
    }

    @Test("A running job is ended by SIGTERM, and what it printed is kept", arguments: EngineName.allCases)
    func running(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit("trap 'echo last words; exit 9' TERM; \(Self.endless)")
            try blockUntil("it runs") { runner.world.text("begun") == "begun\n" }
            try runner.cancel(id)
            let view = try runner.waitForEnd(id)
            #expect(Self.isCancelled(view))
            #expect(view.exitCode == 9)
            #expect(try runner.logText(id).contains("last words\n"))
        }
    }

    @Test("SIGKILL follows when the grace period is over", arguments: EngineName.allCases)
    func grace(_ engine: EngineName) async throws {
        var options = WorldOptions.on(engine)
        options.grace = 2
        try await withRunner(options) { runner in
            let id = try runner.submit("trap 'echo no' TERM; \(Self.endless)")
            try blockUntil("it runs") { runner.world.text("begun") == "begun\n" }
            try runner.cancel(id)
            let view = try runner.waitForEnd(id)
            #expect(Self.isCancelled(view))
            #expect((view.exitCode, view.signal) == (137, "SIGKILL"))
            let log = try runner.logText(id)
            #expect(log.contains("no\n"), "\(runner.world.engine.lines("calls"))")
        }
    }

    @Test(
        "What is left of a grace period is counted from the request, or from the start that followed it",
        arguments: [
            (10, 0, 0, 10), (10, 4, 9, 6), (10, 9, 4, 6), (10, 60, 60, 2), (1, 60, 60, 1), (0, 0, 0, 0),
            (10, -5, 9, 10),
        ] as [(Int64, Int64, Int64, Int64)])
    func remainingGrace(_ grace: Int64, _ requested: Int64, _ started: Int64, _ left: Int64) throws {
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        var spec = SampleJob.spec()
        spec.settings.stopGraceSeconds = grace
        var job = Job(id: SampleJob.id(1), spec: spec, createTime: now.adding(seconds: -1000))
        let start = now.adding(seconds: -started)
        let request = now.adding(seconds: -requested)
        _ = try job.handle(.admitted(gpus: []), at: job.createTime)
        _ = try job.handle(.prepared(ResolvedImage(id: "00"), bootID: "boot"), at: job.createTime)
        let container = ContainerIdentity(id: "cafe", process: nil, bootID: "boot")
        let events: [(JobEvent, Timestamp)] = [
            (.started(container, at: start), start), (.cancelRequested(userName: "bob"), request),
        ]
        for (event, time) in events.sorted(by: { $0.1 < $1.1 }) { _ = try job.handle(event, at: time) }
        #expect(Stop.remainingGrace(of: job, now: now) == left)
    }

    @Test("A new runner does not begin the grace period again")
    func graceOfANewRunner() async throws {
        try await withRunner { runner in
            let gate = runner.world.engine.makeGate("stop")
            try runner.world.engine.once("stop", "gate stop")
            let id = try runner.submit(Self.endless)
            try runner.wait(id, for: .running)
            try runner.cancel(id)
            let client = try gate.awaitCall()
            runner.kill()
            kill(client, SIGKILL)
            // As if five seconds had gone by since.
            try LossTests.rewrite(runner.world, id) { _, job in
                guard case .running(let running) = job.state, let intent = running.intent else { return job }
                let start = running.startTime.adding(seconds: -5)
                var other = Job(id: job.id, spec: job.spec, createTime: start)
                _ = try other.handle(.admitted(gpus: []), at: start)
                _ = try other.handle(.prepared(running.image, bootID: Boot.id), at: start)
                _ = try other.handle(.started(running.container, at: start), at: start)
                _ = try other.handle(
                    .cancelRequested(userName: intent.userName ?? ""), at: intent.time.adding(seconds: -5))
                return other
            }
            let next = try runner.world.start()
            defer { next.kill() }
            #expect(Self.isCancelled(try next.waitForEnd(id)))
            let graces = runner.world.engine.lines("graces").compactMap { Int($0) }
            #expect(graces.count == 1 && graces.allSatisfy { (2...5).contains($0) }, "\(graces)")
        }
    }

    @Test("Cancelling twice is once; cancelling an ended job is refused and changes nothing")
    func ended() async throws {
        try await withRunner { runner in
            let gate = runner.world.engine.makeGate("stop")
            try runner.world.engine.rule("stop", "gate stop")
            let id = try runner.submit(Self.endless)
            try blockUntil("it runs") { runner.world.text("begun") == "begun\n" }
            try runner.cancel(id)
            try gate.awaitCall()
            // The first intent stays.
            #expect(try runner.supervisor.cancel(id.text, caller: World.alice).reason == .stopping)
            let opened = try gate.open()
            #expect(Self.isCancelled(try runner.waitForEnd(id)))
            withExtendedLifetime(opened) {}
            #expect(runner.world.engine.calls(of: "stop") == 1)
            let before = try runner.world.directory.read("state/jobs/\(id)/job.json")
            #expect { try runner.cancel(id) } throws: { ($0 as? PhjobError)?.code == .conflict }
            #expect(try runner.world.directory.read("state/jobs/\(id)/job.json") == before)
        }
    }

    @Test("A stop that the engine refuses is tried again, with a kill", arguments: EngineName.allCases)
    func refusedStop(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.rule("stop", "echo 'Error: state improper' >&2; exit 125")
            let id = try runner.submit(Self.endless)
            try blockUntil("it runs") { runner.world.text("begun") == "begun\n" }
            try runner.cancel(id)
            #expect(Self.isCancelled(try runner.waitForEnd(id)))
        }
    }

    @Test("A deadline ends the job, with its log kept", arguments: EngineName.allCases)
    func deadline(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit("echo output; \(Self.endless)", deadline: 3)
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.reason) == (.failed, .deadlineExceeded))
            #expect(view.signal == "SIGTERM")
            #expect(view.cancelledBy == nil)
            #expect(try runner.logText(id) == "output\n")
            let (start, finish) = (try #require(view.startTime), try #require(view.finishTime))
            #expect(finish.seconds(since: start) >= 2.9)
        }
    }

    @Test("No deadline is none, and a default is the group's or the catalogue's")
    func deadlines() async throws {
        try await withRunner { runner in
            let none = try runner.submit(QueueTests.until("go"), deadline: 0)
            let usual = try runner.submit(QueueTests.until("go"))
            #expect(try runner.wait(none, for: .running).deadlineTime == nil)
            let view = try runner.wait(usual, for: .running)
            #expect(view.deadlineTime == view.startTime?.adding(seconds: 86_400))
            try runner.world.directory.write("", to: "go")
            try runner.waitForEnd(none)
            try runner.waitForEnd(usual)
        }
    }
}
