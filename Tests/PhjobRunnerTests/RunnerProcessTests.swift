import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

/// The whole runner, in a process of its own that can be stopped and killed.
@Suite("The runner as a process")
struct RunnerProcessTests {
    private static func submit(_ runner: RunnerProcess, _ world: World, _ command: String) throws -> JobID {
        try runner.client.submit(JobSubmission(command: command, environment: ["T": world.directory.path])).id
    }

    @Test("Stopped in order, it ends with 0, leaves no socket, and what runs runs on", arguments: [SIGTERM, SIGINT])
    func stopped(_ signal: Int32) async throws {
        try await withRunnerProcess { world, start in
            let runner = try start()
            let id = try Self.submit(runner, world, "\(QueueTests.until("go")); exit 6")
            try blockUntil("it runs") { try runner.client.job(id.text).phase == .running }
            #expect(try runner.end(signal) == 0)
            #expect(world.directory.status("socket") == nil)
            try world.directory.write("", to: "go")
            let next = try start()
            #expect(try next.client.wait([id.text]).items.first?.exitCode == 6)
        }
    }

    @Test("Stopped while it looks for its engine, it leaves no client behind, and it has asked once")
    func stoppedWhileLooking() async throws {
        try await withRunnerProcess { world, start in
            let first = try start()
            let id = try Self.submit(first, world, "\(QueueTests.until("go")); exit 6")
            try blockUntil("it runs") { try first.client.job(id.text).phase == .running }
            try first.end()
            let asked = world.engine.calls(of: "info")
            let gate = world.engine.makeGate("info")
            try world.engine.rule("info", "gate info")
            let runner = try start()
            let client = try gate.awaitCall()
            #expect(try runner.end() == 0)
            #expect(!HostProcess.isAlive(client))
            // The engine of the job that runs is that for new jobs.
            #expect(world.engine.calls(of: "info") == asked + 1)
            world.engine.removeRule("info")
            try world.directory.write("", to: "go")
            let next = try start()
            #expect(try next.client.wait([id.text]).items.first?.exitCode == 6)
        }
    }

    @Test("Stopped by a request, it answers those who wait")
    func stoppedByRequest() async throws {
        try await withRunnerProcess { world, start in
            let runner = try start()
            let id = try Self.submit(runner, world, QueueTests.until("go"))
            let waiter = Waiter { try runner.client.wait([id.text]) }
            try blockUntil("it runs") { try runner.client.job(id.text).phase == .running }
            try runner.client.stopRunner()
            #expect { try waiter.get() } throws: {
                ($0 as? PhjobError)?.message.contains("the runner is being stopped") == true
            }
            #expect(try runner.end() == 0)
            try world.directory.write("", to: "go")
        }
    }

    @Test("Only one runner has a state directory; the lock is free at once after SIGKILL, whatever runs on")
    func lock() async throws {
        try await withRunnerProcess { world, start in
            let runner = try start()
            let gate = world.engine.makeGate("run")
            try world.engine.once("run", "gate run")
            let id = try Self.submit(runner, world, "echo ran >>$T/ran; exit 5")
            // A client of the engine and its daemon live on; neither may hold what the runner has open.
            try gate.awaitCall()
            let other = try RunnerProcess(world)
            try blockUntil("the other has ended") { other.exitCode != nil }
            #expect(other.exitCode == 1)
            #expect(world.text("runner.log").contains("another runner has the state directory"))
            #expect(try runner.client.status().pid == runner.pid)
            #expect(try runner.end(SIGKILL) == 128 + SIGKILL)
            let next = try start()
            let opened = try gate.open()
            #expect(try next.client.wait([id.text]).items.first?.exitCode == 5)
            withExtendedLifetime(opened) {}
            #expect(world.text("ran") == "ran\n")
        }
    }

    @Test("What a job leaves is removed before the runner ends", arguments: EngineName.allCases)
    func cleanUpAtEnd(_ engine: EngineName) async throws {
        try await withRunnerProcess(.on(engine)) { world, start in
            let runner = try start()
            let id = try Self.submit(runner, world, "exit 3")
            #expect(try runner.client.wait([id.text]).items.first?.exitCode == 3)
            #expect(try runner.end() == 0)
            #expect(world.engine.containers.isEmpty)
        }
    }

    @Test("An engine that does not answer keeps the runner from its end for some seconds only")
    func cleanUpInVain() async throws {
        try await withRunnerProcess { world, start in
            let runner = try start()
            let gate = world.engine.makeGate("rm")
            try world.engine.rule("rm", "gate rm")
            let id = try Self.submit(runner, world, "exit 3")
            #expect(try runner.client.wait([id.text]).items.first?.exitCode == 3)
            #expect(try runner.end() == 0)
            world.engine.removeRule("rm")
            let opened = try gate.open()
            defer { withExtendedLifetime(opened) {} }
            _ = try start()
            try blockUntil("the next removes it") { world.engine.containers.isEmpty }
        }
    }

    @Test("A launch that is under way is waited for at the end")
    func launchAtEnd() async throws {
        try await withRunnerProcess { world, start in
            let runner = try start()
            let gate = world.engine.makeGate("run")
            try world.engine.once("run-created", "gate run")
            let id = try Self.submit(runner, world, QueueTests.until("go"))
            try gate.awaitCall()
            kill(runner.pid, SIGTERM)
            try blockUntil("it is ending") { world.directory.status("socket") == nil }
            #expect(runner.exitCode == nil)
            let opened = try gate.open()
            #expect(try runner.end() == 0)
            withExtendedLifetime(opened) {}
            let next = try start()
            try world.directory.write("", to: "go")
            #expect(try next.client.wait([id.text]).items.first?.phase == .succeeded)
        }
    }

    @Test(
        "Killed at any moment, again and again: every job runs once, and has its code", arguments: EngineName.allCases)
    func killedAgainAndAgain(_ engine: EngineName) async throws {
        var options = WorldOptions.on(engine)
        options.cpus = 3
        try await withRunnerProcess(options) { world, start in
            var runner = try start()
            var ids: [JobID] = []
            var generator = SeededGenerator(seed: UInt64(engine == .podman ? 1 : 2))
            for round in 0..<6 {
                for index in 0..<3 {
                    let number = round * 3 + index
                    ids.append(
                        try Self.submit(
                            runner, world, "echo \(number) >>$T/ran; echo \(number); sleep 0.1; exit \(number)"))
                }
                usleep(UInt32.random(in: 0..<400_000, using: &generator))
                try runner.end(SIGKILL)
                runner = try start()
            }
            for view in try runner.client.wait(ids.map(\.text)).items {
                let number = try #require(ids.firstIndex(of: view.id))
                #expect(view.phase == .succeeded || view.phase == .failed || view.reason == .launchInterrupted)
                if view.phase != .unknown { #expect(view.exitCode == Int32(number)) }
            }
            let ran = world.text("ran").split(separator: "\n").compactMap { Int($0) }
            #expect(Set(ran).count == ran.count)
            #expect(ran.count == ids.count)
        }
    }

    @Test("A catalogue that changes is read again, by itself and at SIGHUP; a broken one is reported")
    func catalogue() async throws {
        try await withRunnerProcess { world, start in
            let runner = try start()
            func status() throws -> RunnerStatus { try runner.client.status() }
            try world.write(WorldOptions(cpus: 3))
            try blockUntil("it is read") { try status().capacity.cpus == CPUAmount(milli: 3000) }
            try world.directory.write("{", to: "catalogue.json")
            try blockUntil("it is refused") { try !status().catalogueProblems.isEmpty }
            #expect(try status().capacity.cpus == CPUAmount(milli: 3000))
            try world.write(WorldOptions(cpus: 5))
            try blockUntil("it is read") { try status().capacity.cpus == CPUAmount(milli: 5000) }
            #expect(try status().catalogueProblems.isEmpty)
            let reads = { world.text("runner.log").split(separator: "\n").count { $0.contains("catalogue-read") } }
            let before = reads()
            // Other files beside it are none of its business.
            try world.directory.write("", to: "other")
            kill(runner.pid, SIGHUP)
            try blockUntil("it is read again") { reads() == before + 1 }
        }
    }

    @Test("A start that cannot be is refused with the reason")
    func refusedStarts() async throws {
        try await withRunnerProcess { world, _ in
            func refusal() throws -> String {
                let runner = try RunnerProcess(world)
                try blockUntil("it has ended") { runner.exitCode != nil }
                #expect(runner.exitCode == 1)
                return world.text("runner.log").split(separator: "\n").last.map(String.init) ?? ""
            }
            try world.directory.write("[", to: "catalogue.json")
            #expect(try refusal().contains("is not JSON"))
            unlink(world.cataloguePath)
            #expect(try refusal().contains("phjob init"))
            try world.write(WorldOptions())
            chmod(world.statePath, 0o777)
            #expect(try refusal().contains("can be written by others"))
            chmod(world.statePath, 0o700)
            try world.directory.write("", to: "socket")
            #expect(try refusal().contains("socket"))
        }
    }

    @Test("An idle runner uses no processor time")
    func idle() async throws {
        try await withRunnerProcess { world, start in
            let runner = try start()
            let id = try Self.submit(runner, world, QueueTests.until("go"))
            try blockUntil("it runs") { try runner.client.job(id.text).phase == .running }
            // Context switches of all its threads, while one job runs and one client waits for it.
            let waiter = Waiter { try runner.client.wait([id.text]) }
            func switches() throws -> Int {
                let threads = try Directory.names(in: Directory.open("/proc/\(runner.pid)/task"))
                return threads.reduce(0) { sum, thread in
                    let path = "/proc/\(runner.pid)/task/\(thread)/status"
                    let bytes = (try? Descriptor(opening: path, flags: O_RDONLY).readAll(limit: 1 << 16)) ?? []
                    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
                    return sum
                        + lines.filter { $0.contains("ctxt_switches") }.reduce(0) {
                            $0 + (Int($1.split(separator: "\t").last ?? "") ?? 0)
                        }
                }
            }
            var before = try switches()
            // Things settle: threads of the launch end.
            try blockUntil("nothing happens for a while") {
                usleep(500_000)
                let now = try switches()
                defer { before = now }
                return now == before
            }
            try world.directory.write("", to: "go")
            #expect(try waiter.get().items.first?.phase == .succeeded)
        }
    }
}
