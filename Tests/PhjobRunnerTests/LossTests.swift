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

@Suite("What is lost is said to be")
struct LossTests {
    /// Changes the record of a job on disk, as another boot, or another phjob, would have written it.
    static func rewrite(_ world: World, _ id: JobID, _ change: (JobSpec, Job) throws -> Job) throws {
        let store = try JobStore(root: world.statePath)
        var record = try store.load(id)
        record.job = try change(record.job.spec, record.job)
        try store.save(&record)
    }

    /// The job as it would be had it been launched during a boot, with a container that `change` was made to.
    private static func launched(
        _ job: Job, bootID: String, _ change: (inout ContainerIdentity) -> Void = { _ in }
    ) throws -> Job {
        var other = Job(id: job.id, spec: job.spec, createTime: job.createTime)
        _ = try other.handle(.admitted(gpus: []), at: job.createTime)
        guard let image = job.image else { return other }
        _ = try other.handle(.prepared(image, bootID: bootID), at: job.createTime)
        if case .running(let running) = job.state {
            var container = running.container
            container.bootID = bootID
            change(&container)
            _ = try other.handle(.started(container, at: running.startTime), at: running.startTime)
        }
        return other
    }

    static func inAnotherBoot(_ job: Job) throws -> Job { try launched(job, bootID: "another") }

    @Test("A record that names somebody else's process, alive or ended, hurts nobody", arguments: ["sleep", "true"])
    func foreignProcess(_ program: String) async throws {
        try await withRunner { runner in
            let id = try runner.submit("\(QueueTests.until("go")); exit 3")
            try runner.wait(id, for: .running)
            let cancelled = try runner.submit(StopTests.endless)
            try runner.wait(cancelled, for: .running)
            runner.kill()
            let world = runner.world
            let process = try ReapedProcess(
                ProcessCommand("/bin/\(program)", ["300"]), log: world.directory("foreign"))
            defer { process.signal(SIGKILL) }
            for id in [id, cancelled] {
                try Self.rewrite(world, id) { _, job in
                    try Self.launched(job, bootID: Boot.id) { $0.process = .init(pid: process.pid, startTicks: 1) }
                }
            }
            let next = try world.start()
            defer { next.kill() }
            try next.wait(id, "it is taken up") { $0.phase == .running }
            try next.cancel(cancelled)
            #expect(try next.waitForEnd(cancelled).phase == .cancelled)
            #expect(try next.view(id).phase == .running)
            try world.directory.write("", to: "go")
            #expect(try next.waitForEnd(id).exitCode == 3)
            #expect(process.isRunning == (program == "sleep"))
        }
    }

    @Test("A container that was removed by somebody else is lost", arguments: EngineName.allCases)
    func removed(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit("echo begun; \(StopTests.endless)")
            try runner.wait(id, for: .running)
            // The end is seen before the removal is over; here nobody looks in between.
            let gate = runner.world.engine.makeGate("held")
            try runner.world.engine.rule("container-inspect", "gate held")
            try HostProcess.shell(
                "FAKE_ENGINE_ROOT=\(runner.world.engine.root) \(runner.world.engine.binaries)/\(engine) rm --force -- phjob-\(id)"
            )
            let opened = try gate.open()
            defer { withExtendedLifetime(opened) {} }
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.reason, view.exitCode) == (.unknown, .containerLost, nil))
            #expect(view.message.contains("removed, not by phjob"))
            #expect(view.log.incomplete == "the container was lost")
            // Its place is free.
            #expect(try runner.waitForEnd(runner.submit("true", type: "cpu-4")).phase == .succeeded)
        }
    }

    @Test(
        "One answer without the container is no loss, at the end or after a restart", arguments: EngineName.allCases,
        [false, true])
    func absentOnce(_ engine: EngineName, isRestart: Bool) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit("\(QueueTests.until("go")); exit 3")
            try runner.wait(id, for: .running)
            let world = runner.world
            if isRestart { runner.kill() }
            // Nothing else is asked by now; the second answer has it again.
            try world.engine.rule(
                "container-inspect",
                "if [ ! -e \"$root/absent\" ]; then echo '[]'; fail 125 'Error: no such container'; fi")
            try world.engine.rule("ps", "if mkdir \"$root/absent\" 2>/dev/null; then exit 0; fi")
            let next = isRestart ? try world.start() : runner
            defer { next.kill() }
            if isRestart {
                try next.wait(id, "it is looked for") { _ in world.directory.status("engine/absent") != nil }
            }
            try world.directory.write("", to: "go")
            let view = try next.waitForEnd(id)
            #expect((view.phase, view.reason, view.exitCode) == (.failed, .nonZeroExit, 3), "\(view.message)")
        }
    }

    @Test(
        "A docker that was away when the next runner came may have lost lines; podman writes them itself",
        arguments: EngineName.allCases)
    func awayAtTheEnd(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit("\(QueueTests.until("go")); exit 3")
            try runner.wait(id, for: .running)
            runner.kill()
            let world = runner.world
            try world.directory.write("", to: "go")
            try blockUntil("it has ended") { world.engine.lines("events").contains("- phjob-\(id)") }
            for verb in ["container-inspect", "ps"] { try world.engine.rule(verb, FakeEngine.unreachable) }
            let next = try world.start()
            defer { next.kill() }
            try blockUntil("it was asked") { world.text("runner.log").contains("recovery-waits") }
            for verb in ["container-inspect", "ps"] { world.engine.removeRule(verb) }
            let view = try next.waitForEnd(id)
            #expect(view.exitCode == 3)
            let words = "docker did not answer when the job ended, so the last lines may be missing"
            #expect(view.log.incomplete == (engine == .docker ? words : nil))
        }
    }

    @Test("A start time in the future is not believed", arguments: EngineName.allCases)
    func futureStart(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            // podman's is the time of the file with the process's number, docker's its word.
            try runner.world.engine.once(
                "run-started", "if [ -n \"$pidfile\" ]; then touch -d '+1 hour' \"$pidfile\"; fi")
            if engine == .docker {
                try runner.world.engine.rule("container-inspect", "FORCE_START=2099-01-01T00:00:00Z")
            }
            let id = try runner.submit(QueueTests.until("go"), deadline: 60)
            let view = try runner.wait(id, for: .running)
            #expect(try #require(view.startTime) <= Supervisor.now)
            runner.world.engine.removeRule("container-inspect")
            try runner.world.directory.write("", to: "go")
            #expect(try runner.waitForEnd(id).phase == .succeeded)
        }
    }

    @Test("A container that was removed while no runner looked is lost")
    func removedMeanwhile() async throws {
        try await withRunner { runner in
            let id = try runner.submit(StopTests.endless)
            try runner.wait(id, for: .running)
            runner.kill()
            try HostProcess.shell(
                "FAKE_ENGINE_ROOT=\(runner.world.engine.root) \(runner.world.engine.binaries)/podman rm --force -- phjob-\(id)"
            )
            let next = try runner.world.start()
            defer { next.kill() }
            let view = try next.waitForEnd(id)
            #expect((view.phase, view.reason) == (.unknown, .containerLost))
            #expect(view.log.incomplete == "the container was lost")
        }
    }

    @Test("A container that is 'running' for ever after its process has ended is lost", arguments: EngineName.allCases)
    func runningForEver(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit(QueueTests.until("go"))
            try runner.wait(id, for: .running)
            try runner.world.engine.rule("container-inspect", "FORCE_STATUS=running")
            try runner.world.directory.write("", to: "go")
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.reason, view.exitCode) == (.unknown, .containerLost, nil))
            #expect(view.message.contains("still says 'running'"))
            #expect(runner.world.engine.containers.isEmpty)
        }
    }

    @Test("Code 0 of a container that never ran to an end is no success", arguments: EngineName.allCases)
    func unbelievable(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit(QueueTests.until("go"))
            try runner.wait(id, for: .running)
            try runner.world.engine.rule("container-inspect", "FORCE_START=0001-01-01T00:00:00Z")
            try runner.world.directory.write("", to: "go")
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.reason) == (.unknown, .containerLost))
        }
    }

    @Test("After a reboot what ran is lost with the node, whatever the engine says", arguments: EngineName.allCases)
    func reboot(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let running = try runner.submit(StopTests.endless)
            try runner.wait(running, for: .running)
            let ended = try runner.submit("\(QueueTests.until("go")); exit 3")
            try runner.wait(ended, for: .running)
            runner.kill()
            let world = runner.world
            try world.directory.write("", to: "go")
            try blockUntil("it has ended") { world.engine.lines("events").contains("- phjob-\(ended)") }
            for id in [running, ended] { try Self.rewrite(world, id) { try Self.inAnotherBoot($1) } }
            let next = try world.start()
            defer { next.kill() }
            for id in [running, ended] {
                // Decided before anyone is answered; a shutdown makes commands end with any code.
                #expect(try next.view(id).phase == .unknown)
                let view = try next.waitForEnd(id)
                #expect((view.phase, view.reason, view.exitCode) == (.unknown, .nodeLost, nil))
                #expect(view.message == "the machine was shut down or restarted while the job ran")
            }
            #expect(world.engine.containers.isEmpty)
        }
    }

    @Test("A launch that a reboot cut short, of which the engine knows nothing, is begun again")
    func rebootDuringLaunch() async throws {
        try await withRunner { runner in
            let gate = runner.world.engine.makeGate("run")
            try runner.world.engine.once("run", "gate run; kill -KILL $$")
            let id = try runner.submit("echo ran >>$T/ran")
            let client = try gate.awaitCall()
            runner.kill()
            kill(client, SIGKILL)
            try Self.rewrite(runner.world, id) { try Self.inAnotherBoot($1) }
            let next = try runner.world.start()
            defer { next.kill() }
            #expect(try next.waitForEnd(id).phase == .succeeded)
            #expect(runner.world.text("ran") == "ran\n")
        }
    }

    @Test("A damaged record is set aside, and everything else goes on")
    func damagedRecord() async throws {
        try await withRunner(WorldOptions(cpus: 1)) { runner in
            let running = try runner.submit("\(QueueTests.until("go")); exit 2")
            try runner.wait(running, for: .running)
            let ids = try (0..<3).map { _ in try runner.submit("true") }
            runner.kill()
            let world = runner.world
            try world.directory.write("{ \"schema\": 1, half", to: "state/jobs/\(ids[1])/job.json")
            try Directory.create(world.directory("state/jobs/stranger"))
            let next = try world.start()
            defer { next.kill() }
            let status = next.supervisor.status(
                RunnerConfiguration(
                    stateDirectory: world.statePath, cataloguePath: world.cataloguePath, socketPath: "",
                    environment: [:],
                    version: "1"), startTime: Supervisor.now,
                caller: World.caller("root", isAdministrator: true))
            #expect(status.quarantined.count == 2)
            #expect(status.quarantined.contains { $0.hasPrefix(ids[1].text) && $0.contains("not a whole JSON object") })
            #expect { try next.supervisor.find(ids[1].text, caller: World.alice) } throws: {
                ($0 as? PhjobError)?.code == .notFound
            }
            try world.directory.write("", to: "go")
            #expect(try next.waitForEnd(running).exitCode == 2)
            for id in [ids[0], ids[2]] { #expect(try next.waitForEnd(id).phase == .succeeded) }
            #expect(world.text("runner.log").contains("record-set-aside"))
        }
    }

    @Test("A record of a newer phjob stops the start, and stays as it is")
    func newerRecord() async throws {
        try await withRunner { runner in
            let id = try runner.submit("true")
            try runner.waitForEnd(id)
            runner.kill()
            let world = runner.world
            let path = "state/jobs/\(id)/job.json"
            let body = try world.directory.text(path).replacing(
                #"{"schema":1,"#, with: #"{"schema":99,"#, maxReplacements: 1)
            let content = body.prefix(while: { !$0.isNewline }).dropLast(#","sha256":""}"#.count + 64) + "}"
            let digest = SHA256.hexDigest(of: Array(content.utf8))
            try world.directory.write(content.dropLast() + #","sha256":"\#(digest)"}"# + "\n", to: path)
            let before = try world.directory.read(path)
            #expect { try world.start() } throws: {
                ($0 as? PhjobError)?.message.contains("newer phjob (schema 99)") == true
            }
            #expect(try world.directory.read(path) == before)
        }
    }
}
