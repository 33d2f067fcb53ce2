import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("Engines that fail")
struct EngineFailureTests {
    /// The verbs that a job's life needs, and what of it they hold up.
    static let verbs = ["image-inspect", "create", "cp", "container-inspect", "rm", "run"]

    @Test("An engine that is away for a while delays a job, and fails nothing", arguments: verbs, EngineName.allCases)
    func away(_ verb: String, _ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            // For this verb, and for the question with which the runner makes sure.
            try runner.world.engine.rule(verb, FakeEngine.unreachable)
            try runner.world.engine.rule("ps", FakeEngine.unreachable)
            let id = try runner.submit("echo x >>$T/ran; exit 4")
            try blockUntil("the engine was asked") { runner.world.engine.calls(of: verb) > 0 }
            try blockUntil("it was seen that it is away") {
                runner.world.engine.calls(of: "ps") > 0 || verb == "container-inspect"
            }
            runner.world.engine.removeRule(verb)
            runner.world.engine.removeRule("ps")
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.exitCode) == (.failed, 4))
            #expect(runner.world.text("ran") == "x\n")
            try blockUntil("all is removed") { runner.world.engine.containers.isEmpty }
        }
    }

    @Test("A launch that gets no answer says what it waits for")
    func awayAtTheLaunch() async throws {
        try await withRunner(.on(.docker)) { runner in
            try runner.world.engine.rule("run", FakeEngine.unreachable)
            try runner.world.engine.rule("ps", FakeEngine.unreachable)
            let id = try runner.submit("exit 4")
            let view = try runner.wait(id, "the wait for the engine") {
                $0.message.contains("waits for the container engine") && runner.world.engine.calls(of: "run") > 0
            }
            #expect(view.phase == .preparing)
            runner.world.engine.removeRule("run")
            runner.world.engine.removeRule("ps")
            #expect(try runner.waitForEnd(id).exitCode == 4)
        }
    }

    @Test("An engine that is away altogether is waited for", arguments: EngineName.allCases)
    func allAway(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let early = try runner.submit(QueueTests.until("go") + "; echo early >>$T/ran; exit 3")
            try runner.wait(early, for: .running)
            try runner.world.engine.rule("any", FakeEngine.unreachable)
            let late = try runner.submit("echo late >>$T/ran")
            try runner.world.directory.write("", to: "go")
            try runner.wait(late, "the wait for the engine") { $0.message.contains("waits for the container engine") }
            try blockUntil("the end was seen") { runner.world.text("runner.log").contains("exit-unread") }
            #expect(try runner.view(early).phase == .running)
            runner.world.engine.removeRule("any")
            #expect(try runner.waitForEnd(early).exitCode == 3)
            #expect(try runner.waitForEnd(late).phase == .succeeded)
            #expect(runner.world.text("ran") == "early\nlate\n")
        }
    }

    @Test("Without an engine at the start jobs wait, and say so")
    func noneAtStart() async throws {
        try await withWorld { world in
            try world.engine.rule("info", FakeEngine.unreachable)
            let runner = try world.start()
            defer { runner.kill() }
            let id = try runner.submit("true")
            let view = try runner.view(id)
            #expect((view.phase, view.reason) == (.pending, .waitingForEngine))
            #expect(view.message.contains("Cannot connect to the daemon"))
            #expect(runner.status.startsHeldBecause?.contains("Cannot connect to the daemon") == true)
            world.engine.removeRule("info")
            #expect(try runner.waitForEnd(id).phase == .succeeded)
        }
    }

    @Test(
        "Where nobody waits, nothing holds anybody back, and that the engine is there again is found out by whoever asks"
    )
    func nobodyWaits() async throws {
        try await withWorld { world in
            try world.engine.rule("info", FakeEngine.unreachable)
            let runner = try world.start()
            defer { runner.kill() }
            try runner.cancel(runner.submit("true"))
            #expect(runner.status.startsHeldBecause == nil)
            #expect(runner.status.engineProblem?.contains("Cannot connect to the daemon") == true)
            world.engine.removeRule("info")
            try blockUntil("the engine is found") { runner.status.engine != nil && runner.status.engineProblem == nil }
        }
    }

    @Test(
        "A container that the engine will not make fails the job in the engine's words", arguments: EngineName.allCases)
    func refusedLaunch(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.rule("run", "echo 'Error: statfs /volume: no such file' >&2; exit 125")
            let view = try runner.waitForEnd(runner.submit("echo x >>$T/ran"))
            #expect((view.phase, view.reason) == (.failed, .containerFailed))
            #expect(view.message.contains("statfs /volume: no such file"))
            #expect(view.exitCode == nil && view.startTime == nil)
            #expect(runner.world.text("ran").isEmpty)
        }
    }

    @Test(
        "A container that was made and cannot be started fails the job, and is removed", arguments: EngineName.allCases)
    func refusedStart(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.rule("run-created", "echo 'Error: exec: no such device' >&2; exit 126")
            let view = try runner.waitForEnd(runner.submit("echo x >>$T/ran"))
            #expect((view.phase, view.reason) == (.failed, .containerFailed))
            #expect(view.message.contains("no such device"))
            #expect(runner.world.engine.calls(of: "run") == 1)
            #expect(runner.world.engine.containers.isEmpty)
        }
    }

    @Test("A refusal while the image is read fails the job in the engine's words")
    func refusedCreate() async throws {
        try await withRunner { runner in
            try runner.world.engine.rule("create", "echo 'Error: layer not known' >&2; exit 125")
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect((view.phase, view.reason) == (.failed, .containerFailed))
            #expect(view.message.contains("layer not known"))
        }
    }

    @Test("A name that a crash left half taken is freed, and the job runs once")
    func takenName() async throws {
        try await withRunner { runner in
            // Neither inspect nor ps knows the container, and run says that its name is in use (podman's storage).
            try runner.world.engine.once("run", "echo 'Error: the container name is already in use' >&2; exit 125")
            let id = try runner.submit("echo x >>$T/ran")
            #expect(try runner.waitForEnd(id).phase == .succeeded)
            #expect(runner.world.text("ran") == "x\n")
            #expect(runner.world.engine.lines("calls").contains { $0.hasPrefix("podman rm phjob-\(id)") })
        }
    }

    @Test(
        "Answers that are no answers are asked for again",
        arguments: ["container-inspect", "image-inspect", "run-started"])
    func garbage(_ verb: String) async throws {
        try await withRunner { runner in
            for _ in 0..<2 {
                try runner.world.engine.once(verb, "echo '{ not json'; exit 0")
                let id = try runner.submit("echo x >>$T/ran; exit 6")
                #expect(try runner.waitForEnd(id).exitCode == 6)
            }
            #expect(runner.world.text("ran") == "x\nx\n")
        }
    }

    @Test("A call that hangs for one job holds up no other, nor the API", arguments: EngineName.allCases)
    func hungRemoval(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let gate = runner.world.engine.makeGate("hung")
            let hung = try runner.submit(QueueTests.until("go"))
            try runner.wait(hung, for: .running)
            try runner.world.engine.once("rm", "gate hung")
            try runner.world.directory.write("", to: "go")
            try gate.awaitCall()
            let id = try runner.submit("exit 2")
            // Its removal waits for the engine; its end, its log and its place do not.
            #expect(try runner.wait(id, "its end") { $0.phase.isFinal && $0.log.state != .growing }.exitCode == 2)
            #expect(try runner.view(hung).phase == .succeeded)
            let opened = try gate.open()
            try runner.waitForEnd(hung)
            try runner.waitForEnd(id)
            withExtendedLifetime(opened) {}
        }
    }

    @Test("One container that cannot be removed keeps no other")
    func refusedRemoval() async throws {
        try await withRunner { runner in
            let ids = try (0..<3).map { _ in try runner.submit(QueueTests.until("go")) }
            for id in ids { try runner.wait(id, for: .running) }
            // podman removes the others, and ends with an error.
            try runner.world.engine.rule(
                "rm",
                """
                kept=(); for each in "${operands[@]}"; do
                    if [ "$each" = phjob-\(ids[0]) ]; then refused=1; else kept+=("$each"); fi
                done
                operands=("${kept[@]}")
                if [ -n "$refused" ]; then trap 'echo "Error: device or resource busy" >&2; exit 125' EXIT; fi
                """)
            try runner.world.directory.write("", to: "go")
            for id in ids.dropFirst() { #expect(try runner.waitForEnd(id).phase == .succeeded) }
            #expect(runner.world.engine.containers == ["phjob-\(ids[0])"])
            #expect(try runner.view(ids[0]).phase == .succeeded)
            runner.world.engine.removeRule("rm")
            try runner.waitForEnd(ids[0])
        }
    }

    @Test("Jobs stay with the engine that they were started with, whatever the catalogue says later")
    func changedEngine() async throws {
        try await withRunner(.on(.podman)) { runner in
            let old = try runner.submit(QueueTests.until("go") + "; echo old >>$T/ran; exit 8")
            try runner.wait(old, for: .running)
            // The two fakes share their containers; real ones do not.
            try runner.world.engine.rule(
                "any",
                "case $dialect in docker) root=$root/docker; mkdir -p $root/{images,files,containers,rules,gates}; cp ${root%/docker}/images/* $root/images/; ln -sf ../daemon $root/daemon ;; esac"
            )
            try runner.world.write(.on(.docker))
            try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
            let new = try runner.submit("echo new >>$T/ran; exit 9")
            #expect(try runner.waitForEnd(new).exitCode == 9)
            #expect(try runner.store.load(new).job.image?.engine == "docker")
            let next = try runner.restart()
            defer { next.kill() }
            try next.world.directory.write("", to: "go")
            let view = try next.waitForEnd(old)
            #expect((view.phase, view.exitCode) == (.failed, 8))
            #expect(runner.world.text("ran") == "new\nold\n")
        }
    }
}
