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

@Suite("Restarts")
struct RestartTests {
    @Test(
        "Killed after each revision of the record, the next runner brings the job to its end",
        arguments: EngineName.allCases)
    func everyRevision(_ engine: EngineName) async throws {
        for revision in 1...6 as ClosedRange<Int64> {
            try await withWorld(.on(engine)) { world in
                let runner = try world.start()
                let id = try runner.submit("echo ran >>$T/ran; for i in 1 2 3; do echo $i; sleep 0.1; done; exit 7")
                try runner.wait(id, "revision \(revision)") { _ in try runner.store.load(id).revision >= revision }
                let next = try runner.restart()
                defer { next.kill() }
                let view = try next.waitForEnd(id)
                #expect((view.phase, view.exitCode) == (.failed, 7), "revision \(revision)")
                #expect(world.text("ran") == "ran\n", "revision \(revision)")
                #expect(try next.logText(id) == "1\n2\n3\n", "revision \(revision)")
                // A helper that a client of the dead runner made late goes with the next start.
                #expect(world.engine.containers.allSatisfy { $0.hasPrefix("phjob-image-") })
            }
        }
    }

    @Test("What a runner left that died while it read an image is removed")
    func imageHelper() async throws {
        try await withRunner { runner in
            let gate = runner.world.engine.makeGate("cp")
            try runner.world.engine.once("cp", "gate cp")
            let id = try runner.submit("exit 3")
            try gate.awaitCall()
            #expect(runner.world.engine.containers.count == 1)
            let next = try runner.restart()
            defer { next.kill() }
            #expect(try next.waitForEnd(id).exitCode == 3)
            try blockUntil("nothing is left") { next.world.engine.containers.isEmpty }
            let opened = try gate.open()
            withExtendedLifetime(opened) {}
        }
    }

    @Test(
        "Killed again and again, a crowd of jobs all run once and keep codes and order", arguments: EngineName.allCases)
    func crowd(_ engine: EngineName) async throws {
        var options = WorldOptions.on(engine)
        options.cpus = 3
        try await withWorld(options) { world in
            var runner = try world.start()
            let ids = try (0..<9).map { try runner.submit("echo \($0) >>$T/ran; sleep 0.2; exit \($0)") }
            var generator = SeededGenerator(seed: 7)
            for round in 0..<6 {
                let enough = ids.count * round / 6
                try blockUntil("more has happened") {
                    ids.count { (try? runner.view($0))?.phase.isFinal == true } >= enough
                }
                usleep(UInt32.random(in: 0..<200_000, using: &generator))
                runner = try runner.restart()
            }
            defer { runner.kill() }
            for (code, id) in ids.enumerated() { #expect(try runner.waitForEnd(id).exitCode == Int32(code)) }
            let ran = world.text("ran").split(separator: "\n").compactMap { Int($0) }
            #expect(ran.sorted() == Array(0..<9))
            let admissions = try ids.map { id in
                try runner.store.load(id).job.history.first { $0.phase == .preparing }?.time.milliseconds ?? 0
            }
            #expect(admissions == admissions.sorted())
            #expect(world.engine.containers.isEmpty)
        }
    }

    @Test("Waiting jobs still wait, in their order")
    func queueOrder() async throws {
        try await withRunner(WorldOptions(cpus: 1)) { runner in
            let running = try runner.submit(QueueTests.until("go"))
            try runner.wait(running, for: .running)
            let waiting = try (0..<5).map { try runner.submit("echo \($0) >>$T/ran") }
            let next = try runner.restart()
            defer { next.kill() }
            for (index, id) in waiting.enumerated() { #expect(try next.view(id).queuePosition == index + 1) }
            try next.world.directory.write("", to: "go")
            for id in waiting { #expect(try next.waitForEnd(id).phase == .succeeded) }
            #expect(next.world.text("ran") == "0\n1\n2\n3\n4\n")
            #expect(try next.waitForEnd(running).phase == .succeeded)
        }
    }

    @Test("A job that ended meanwhile has its code, its times and its log", arguments: EngineName.allCases)
    func endedMeanwhile(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit("\(QueueTests.until("go")); echo done; exit 11")
            let before = try runner.wait(id, for: .running)
            runner.kill()
            try runner.world.directory.write("", to: "go")
            try blockUntil("it has ended") { runner.world.engine.lines("events").contains("- phjob-\(id)") }
            let next = try runner.world.start()
            defer { next.kill() }
            let view = try next.waitForEnd(id)
            #expect((view.phase, view.exitCode, view.startTime) == (.failed, 11, before.startTime))
            #expect(try next.logText(id) == "done\n")
        }
    }

    @Test("GPUs and capacity stay taken by what runs on")
    func holdings() async throws {
        try await withRunner { runner in
            let running = try runner.submit(QueueTests.until("go"), type: "gpu-1")
            let gpus = try runner.wait(running, for: .running).gpus
            let next = try runner.restart()
            defer { next.kill() }
            let other = try next.submit(QueueTests.until("go"), type: "gpu-1")
            let both = try next.submit("true", type: "gpu-2")
            #expect(try next.wait(other, for: .running).gpus != gpus)
            #expect(try next.view(both).phase == .pending)
            try next.world.directory.write("", to: "go")
            #expect(try next.waitForEnd(both).phase == .succeeded)
            try next.waitForEnd(running)
            try next.waitForEnd(other)
        }
    }

    @Test("A deadline that passed meanwhile ends the job at once", arguments: EngineName.allCases)
    func deadline(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit(StopTests.endless, deadline: 4)
            let deadline = try #require(try runner.wait(id, for: .running).deadlineTime)
            runner.kill()
            try blockUntil("the deadline has passed") { Supervisor.now > deadline }
            #expect(runner.world.engine.calls(of: "stop") == 0)
            let next = try runner.world.start()
            defer { next.kill() }
            let view = try next.waitForEnd(id)
            #expect((view.phase, view.reason) == (.failed, .deadlineExceeded))
        }
    }

    @Test("A stop that was cut short is repeated", arguments: EngineName.allCases)
    func stopping(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let gate = runner.world.engine.makeGate("stop")
            try runner.world.engine.once("stop", "gate stop")
            let id = try runner.submit(StopTests.endless)
            try runner.wait(id, for: .running)
            try runner.cancel(id)
            let client = try gate.awaitCall()
            let next = try runner.restart()
            defer { next.kill() }
            kill(client, SIGKILL)
            let view = try next.waitForEnd(id)
            #expect((view.phase, view.cancelledBy) == (.cancelled, "bob"))
        }
    }

    @Test("A clean-up that was cut short is completed", arguments: ["logs", "rm"])
    func cleaningUp(_ verb: String) async throws {
        try await withRunner(.on(.docker)) { runner in
            let gate = runner.world.engine.makeGate("held")
            let id = try runner.submit("\(QueueTests.until("go")); echo output")
            try runner.wait(id, for: .running)
            try runner.world.engine.once(verb, "gate held; exit 1")
            try runner.world.directory.write("", to: "go")
            try gate.awaitCall()
            let next = try runner.restart()
            defer { next.kill() }
            #expect(try next.view(id).phase == .succeeded)
            try next.waitForEnd(id)
            let opened = try gate.open()
            #expect(try next.logText(id) == "output\n")
            withExtendedLifetime(opened) {}
            #expect(next.world.engine.containers.isEmpty)
            #expect(try next.world.directory.names("state/jobs/\(id)") == ["job.json", "log"])
        }
    }

    @Test(
        "A container that is gone because its job was being cleaned up makes no log incomplete",
        arguments: EngineName.allCases)
    func removedBeforeItWasSaved(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let gate = runner.world.engine.makeGate("held")
            let id = try runner.submit("\(QueueTests.until("go")); echo output")
            try runner.wait(id, for: .running)
            try runner.world.engine.once("rm", "gate held")
            try runner.world.directory.write("", to: "go")
            try gate.awaitCall()
            runner.kill()
            // The client of the dead runner does its work, and nobody learns of it.
            let opened = try gate.open()
            defer { withExtendedLifetime(opened) {} }
            try blockUntil("the container is gone") { runner.world.engine.containers.isEmpty }
            let next = try runner.world.start()
            defer { next.kill() }
            #expect(try next.waitForEnd(id).log.incomplete == nil)
            #expect(try next.logText(id) == "output\n")
        }
    }
}
