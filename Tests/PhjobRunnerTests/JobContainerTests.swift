import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

/// A name proves nothing: labels do, and the recorded id once there is one.
@Suite("Which container is a job's")
struct JobContainerTests {
    @Test("A stranger's container of the job's name is left alone, and the job says so", arguments: EngineName.allCases)
    func stranger(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let gate = runner.world.engine.makeGate("run")
            try runner.world.engine.once("run", "gate run")
            let id = try runner.submit("echo ran >>$T/ran")
            try gate.awaitCall()
            try runner.world.engine.addContainer("phjob-\(id)")
            let opened = try gate.open()
            let view = try runner.waitForEnd(id)
            withExtendedLifetime(opened) {}
            #expect((view.phase, view.reason) == (.failed, .containerFailed))
            #expect(view.message.contains("a container that phjob did not make has the name phjob-\(id)"))
            #expect(runner.world.engine.containers == ["phjob-\(id)"])
            #expect(runner.world.text("ran").isEmpty)
        }
    }

    @Test("A container that was renamed by hand is stopped, read and removed", arguments: EngineName.allCases)
    func renamed(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let ids = try (0..<2).map { _ in try runner.submit("echo out; \(StopTests.endless)") }
            for id in ids {
                try runner.wait(id, for: .running)
                try runner.world.engine.renameContainer("phjob-\(id)", to: "moved-\(id)")
            }
            try runner.cancel(ids[0])
            #expect(StopTests.isCancelled(try runner.waitForEnd(ids[0])))
            #expect(try runner.logText(ids[0]) == "out\n")
            // Neither does the next runner look for it by its name, which has another container now.
            runner.kill()
            try runner.world.engine.addContainer("phjob-\(ids[1])-x")
            try runner.world.engine.renameContainer("phjob-\(ids[1])-x", to: "phjob-\(ids[1])")
            let next = try runner.world.start()
            defer { next.kill() }
            try next.cancel(ids[1])
            #expect(StopTests.isCancelled(try next.waitForEnd(ids[1])))
            #expect(runner.world.engine.containers == ["phjob-\(ids[1])-x"])
        }
    }

    @Test("A launch that was cut short is found by its labels", arguments: EngineName.allCases)
    func renamedDuringLaunch(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.once("run-started", "printf moved >\"$dir/alias\"; kill -KILL $$")
            let id = try runner.submit("echo ran >>$T/ran; \(QueueTests.until("go")); exit 5")
            try runner.wait(id, for: .running)
            try runner.world.directory.write("", to: "go")
            #expect(try runner.waitForEnd(id).exitCode == 5)
            #expect(runner.world.text("ran") == "ran\n")
            #expect(runner.world.engine.containers.isEmpty)
        }
    }

    /// What podman says of a container whose layer a power cut has damaged; about no container that it is asked about with it.
    private static func damage(_ name: String, _ verbs: String..., in world: World) throws {
        for verb in verbs {
            try world.engine.rule(
                verb,
                """
                for each in "${operands[@]}"; do
                    if [ "$each" = \(name) ]; then fail 125 'Error: getting graph driver info: invalid argument'; fi
                done
                """)
        }
    }

    @Test(
        "A container that cannot be described ends its own job, and holds up no other", arguments: EngineName.allCases)
    func damaged(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let ids = try (0..<3).map { _ in try runner.submit("\(QueueTests.until("go")); exit 3") }
            for id in ids { try runner.wait(id, for: .running) }
            try Self.damage("phjob-\(ids[0])", "container-inspect", in: runner.world)
            try runner.world.directory.write("", to: "go")
            for id in ids.dropFirst() { #expect(try runner.waitForEnd(id).exitCode == 3) }
            let view = try runner.waitForEnd(ids[0])
            #expect((view.phase, view.reason) == (.unknown, .containerLost))
            #expect(view.message.contains("the engine cannot describe the container"))
            #expect(view.message.contains("getting graph driver info"))
            #expect(runner.world.engine.containers.isEmpty)
        }
    }

    @Test("A job whose container can be neither described nor stopped by the engine can be cancelled")
    func damagedAndCancelled() async throws {
        try await withRunner { runner in
            let id = try runner.submit(StopTests.endless)
            try runner.wait(id, for: .running)
            try Self.damage("phjob-\(id)", "container-inspect", "stop", "kill", in: runner.world)
            let next = try runner.restart()
            defer { next.kill() }
            try next.cancel(id)
            #expect(StopTests.isCancelled(try next.waitForEnd(id)))
            #expect(next.world.engine.containers.isEmpty)
        }
    }

    @Test("One damaged container does not keep others from being described and removed")
    func batches() async throws {
        try await withRunner { runner in
            let label = "\(ContainerLabels.stateKey)=\(runner.store.stateID)"
            let containers = (1...4).map { String(repeating: "\($0)", count: 64) }
            for id in containers {
                try runner.world.engine.addContainer("c\(id.prefix(1))", id: id, labels: [label])
            }
            try Self.damage("c1", "container-inspect", "rm", in: runner.world)
            let engine = try runner.supervisor.engines.find()
            let calls = containers.map { ContainerCalls.Call(engine: engine, handle: $0) }
            let found = ContainerCalls.inspect(calls, stateID: runner.store.stateID)
            for (id, found) in zip(containers, found).dropFirst() { #expect(try found.get()?.id == id) }
            guard case .failure(.damaged) = found[0] else { throw Failure(description: "\(found[0])") }
            let removed = ContainerCalls.remove(calls, stateID: runner.store.stateID)
            #expect(throws: EngineError.self) { try removed[0].get() }
            for result in removed.dropFirst() { #expect(throws: Never.self) { try result.get() } }
            #expect(runner.world.engine.containers == ["c1"])
        }
    }

    @Test("What cannot be removed is tried again, and an administrator is told")
    func cleanUpProblem() async throws {
        try await withRunner { runner in
            try runner.world.engine.rule("rm", "fail 125 'Error: device or resource busy'")
            let id = try runner.submit("true")
            try runner.wait(id, "the end") { $0.phase.isFinal }
            func problems(_ caller: Caller) -> [String]? {
                let configuration = RunnerConfiguration(
                    stateDirectory: "", cataloguePath: "", socketPath: "", environment: [:], version: "1")
                return runner.supervisor.status(configuration, startTime: Supervisor.now, caller: caller)
                    .cleanUpProblems
            }
            let root = World.caller("root", isAdministrator: true)
            try blockUntil("it is told") { problems(root) != nil }
            #expect(problems(root)?.first?.hasPrefix("\(id): the container ") == true)
            #expect(problems(root)?.first?.contains("device or resource busy") == true)
            #expect(problems(World.alice) == nil)
            runner.world.engine.removeRule("rm")
            try runner.waitForEnd(id)
            #expect(problems(root) == nil)
            try blockUntil("all is removed") { runner.world.engine.containers.isEmpty }
        }
    }
}
