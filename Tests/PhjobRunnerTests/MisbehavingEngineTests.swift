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

/// Engines that hang, die, lie and babble: no job ends by it, none runs twice, and all goes on when they are sane again.
@Suite("Engines that misbehave")
struct MisbehavingEngineTests {
    /// Short enough for hung calls to end soon, long enough for the stand-in's real ones.
    private static func impatient(_ engine: EngineName) -> WorldOptions {
        var options = WorldOptions.on(engine)
        options.callTimeout = 10
        options.grace = 1
        return options
    }

    /// A job that is on its way through `verb`.
    private static func begin(_ runner: LiveRunner, _ verb: String) throws -> JobID {
        let command = "echo ran >>$T/ran; \(QueueTests.until("go")); exit 4"
        let id = try runner.submit(command)
        if ["stop", "kill"].contains(verb) { try runner.wait(id, for: .running) }
        if ["stop", "kill"].contains(verb) { try runner.cancel(id) }
        return id
    }

    private static func check(_ runner: LiveRunner, _ id: JobID, _ verb: String) throws {
        let view = try runner.waitForEnd(id)
        if ["stop", "kill"].contains(verb) {
            #expect(view.reason == .cancelledByUser)
        } else {
            #expect((view.phase, view.exitCode) == (.failed, 4), "\(view.reason) \(view.message)")
        }
        #expect(runner.world.text("ran") == "ran\n")
    }

    /// What nobody has to wait for while a call hangs: all of it is done before that call is given up.
    private static func whileHung(_ gate: FakeEngine.Gate, _ body: () throws -> JobID) throws -> JobID {
        var result: JobID?
        try blockUntil("all was done while one call hung") {
            let call = try gate.awaitCall()
            result = try body()
            return HostProcess.isAlive(call)
        }
        return try #require(result)
    }

    /// `kill` is asked for only where `stop` is refused.
    private static let refusedStop = "echo 'Error: given PID did not die within timeout' >&2; exit 125"

    @Test(
        "Calls that hang hold up neither API nor other jobs, and are made again",
        arguments: [
            ("info", EngineName.docker), ("image-inspect", .podman), ("create", .docker),
            ("cp", .podman), ("run", .docker), ("container-inspect", .docker), ("container-inspect", .podman),
            ("ps", .docker), ("stop", .docker), ("kill", .podman), ("rm", .podman),
        ])
    func hangs(_ verb: String, _ engine: EngineName) async throws {
        try await withWorld(Self.impatient(engine)) { world in
            let gate = world.engine.makeGate("hung")
            // Asked already at the start, which waits for it in vain.
            if verb == "info" {
                try world.engine.rule(verb, "gate hung")
            } else {
                try world.engine.once(verb, "gate hung")
            }
            // For the verbs that are asked only after another's answer.
            if verb == "ps" { try world.engine.once("container-inspect", "echo '[]'; exit 1") }
            if verb == "kill" { try world.engine.rule("stop", Self.refusedStop) }
            let runner = try world.start()
            defer { runner.kill() }
            let id = try Self.begin(runner, verb)
            if engine == .podman, verb.hasPrefix("c") { try world.directory.write("", to: "go") }
            let other = try Self.whileHung(gate) {
                #expect(try runner.view(id).phase.isFinal == false)
                let other = try runner.submit("exit 3")
                #expect(try runner.view(other).phase.isFinal == false)
                return other
            }
            try world.directory.write("", to: "go")
            world.engine.removeRule("stop")
            world.engine.removeRule("info")
            try Self.check(runner, id, verb)
            #expect(try runner.waitForEnd(other).exitCode == 3)
            try blockUntil("all is removed") { world.engine.containers.isEmpty }
        }
    }

    @Test(
        "An engine that hangs altogether holds up nobody who asks, and nothing is lost by it",
        arguments: EngineName.allCases)
    func hangsAltogether(_ engine: EngineName) async throws {
        try await withRunner(Self.impatient(engine)) { runner in
            let early = try runner.submit("echo early; echo ran >>$T/ran; \(QueueTests.until("go")); exit 4")
            try runner.wait(early, for: .running)
            let stopped = try runner.submit(StopTests.endless)
            try runner.wait(stopped, for: .running)
            let gate = runner.world.engine.makeGate("hung")
            try runner.world.engine.rule("any", "gate hung")
            try runner.world.directory.write("", to: "go")
            let late = try Self.whileHung(gate) {
                let late = try runner.submit("echo late; exit 5")
                try runner.cancel(stopped)
                for id in [early, late, stopped] { #expect(try runner.view(id).phase.isFinal == false) }
                return late
            }
            try blockUntil("calls have been given up") { runner.world.text("runner.log").contains("did not answer") }
            for id in [early, late, stopped] { #expect(try runner.view(id).phase.isFinal == false) }
            runner.world.engine.removeRule("any")
            let opened = try gate.open()
            #expect(try runner.waitForEnd(early).exitCode == 4)
            #expect(try runner.waitForEnd(late).exitCode == 5)
            #expect(try runner.waitForEnd(stopped).reason == .cancelledByUser)
            #expect(runner.world.text("ran") == "ran\n")
            #expect(try runner.logText(early) == "early\n")
            try blockUntil("all is removed") { runner.world.engine.containers.isEmpty }
            withExtendedLifetime(opened) {}
        }
    }

    /// It is asked to end, never forced; what it does late counts.
    @Test("A client that launches after its time is up is waited for", arguments: EngineName.allCases)
    func lateLaunch(_ engine: EngineName) async throws {
        try await withRunner(Self.impatient(engine)) { runner in
            // What it is asked with reaches its children too.
            try runner.world.engine.once(
                "run", "trap 'echo asked >>$root/asked' TERM; until [ -e $root/let ]; do sleep 0.1; done")
            let id = try runner.submit("echo ran >>$T/ran; exit 4")
            try blockUntil("it is being launched") { runner.world.engine.calls(of: "run") == 1 }
            // Others launch meanwhile.
            #expect(try runner.waitForEnd(runner.submit("exit 2")).exitCode == 2)
            try blockUntil("it is asked to end") { runner.world.text("engine/asked") == "asked\n" }
            #expect(try runner.view(id).phase == .preparing)
            try runner.world.directory.write("", to: "engine/let")
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.exitCode) == (.failed, 4), "\(view.reason) \(view.message)")
            #expect(runner.world.text("ran") == "ran\n")
            #expect(runner.world.engine.calls(of: "run") == 2)
        }
    }

    private static let killed = "kill -KILL $$"
    /// How a shell says that a program cannot be run; of `run` it is a refusal, and nothing else can be made of it.
    private static let broken = "echo 'cannot execute binary file' >&2; exit 126"

    @Test(
        "What proves nothing ends no job",
        arguments: [
            ("image-inspect", "exit 0"), ("create", "exit 0"), ("cp", "exit 0"), ("container-inspect", "exit 0"),
            ("rm", "exit 0"), ("run", "exit 0"), ("image-inspect", killed), ("cp", killed),
            ("container-inspect", killed),
            ("run", killed), ("create", broken), ("cp", broken), ("rm", broken),
        ])
    func lying(_ verb: String, _ lie: String) async throws {
        try await withRunner(.on(lie.contains("exit 0") ? .podman : .docker)) { runner in
            let engine = runner.world.engine
            try engine.rule(verb, lie)
            let id = try runner.submit("echo ran >>$T/ran; exit 4")
            try blockUntil("it was asked twice") { engine.calls(of: verb) > 1 }
            let view = try runner.view(id)
            // Removals come after the end, too.
            if verb != "rm" {
                #expect(!view.phase.isFinal, "\(view.reason) \(view.message)")
            }
            engine.removeRule(verb)
            let end = try runner.waitForEnd(id)
            #expect((end.phase, end.exitCode) == (.failed, 4), "\(end.reason) \(end.message)")
            #expect(runner.world.text("ran") == "ran\n")
            try blockUntil("all is removed") { engine.containers.isEmpty }
        }
    }

    /// A gigabyte from each of several calls, some at once, and the runner is as small as before.
    @Test("What an engine prints beyond all bounds is not kept", arguments: EngineName.allCases)
    func gigabytes(_ engine: EngineName) async throws {
        try await withRunnerProcess(.on(engine)) { world, start in
            let babble = "yes 'not a word of sense' | head -c 1000000000"
            let runner = try start()
            try world.engine.once("image-inspect", babble)
            try world.engine.once("create", "\(babble) >&2; exit 1")
            try world.engine.once("container-inspect", "\(babble) >&2; \(babble); exit 0")
            try world.engine.once("ps", babble)
            try world.engine.once("rm", "\(babble) >&2")
            // Each line of a pull is shown; there are fewer of them, for what it costs to do so.
            try world.engine.once("pull", "yes 'not a word of sense' | head -c 20000000")
            let ids = try ["minimal", "remote", "minimal"].map { image in
                try runner.client.submit(
                    JobSubmission(
                        displayName: "test", instanceType: "cpu-1", image: image, command: "echo ran >>$T/ran; exit 4",
                        environment: ["T": world.directory.path])
                ).id
            }
            for id in ids {
                try blockUntil("\(id) has ended") { try runner.client.job(id.text).phase.isFinal }
                #expect(try runner.client.job(id.text).exitCode == 4)
            }
            try blockUntil("all is removed") { world.engine.containers.isEmpty }
            for verb in ["image-inspect", "create", "container-inspect", "ps", "rm", "pull"] {
                #expect(world.engine.calls(of: verb) > 0 || verb == "ps", "\(verb)")
            }
            #expect(world.text("ran") == "ran\nran\nran\n")
            let peak = try HostProcess.peakMemory(of: runner.pid)
            #expect(peak < 200 << 20, "\(peak >> 20) MiB")
            #expect(
                try Directory.names(in: Directory.open(world.statePath + "/jobs/\(ids[1])")).contains("log.preparation")
            )
            #expect(
                try Descriptor(opening: world.statePath + "/jobs/\(ids[1])/log.preparation", flags: O_RDONLY).status()
                    .st_size < 2 << 20)
        }
    }

    /// docker's client prints an empty list and ends with 1, as if there were no such container.
    @Test("An empty list of a docker whose daemon is down is no absence")
    func emptyListOfNobody() async throws {
        try await withRunner(.on(.docker)) { runner in
            let id = try runner.submit("\(QueueTests.until("go")); exit 4")
            try runner.wait(id, for: .running)
            let refusal = "echo 'Cannot connect to the Docker daemon' >&2; exit 1"
            try runner.world.engine.rule("container-inspect", "echo '[]'; " + refusal)
            try runner.world.engine.rule("ps", refusal)
            try runner.world.directory.write("", to: "go")
            // Calls are no sign: others ask too.
            try blockUntil("it was asked") { runner.world.text("runner.log").contains("exit-unread") }
            #expect(try runner.view(id).phase == .running)
            runner.world.engine.removeRule("ps")
            runner.world.engine.removeRule("container-inspect")
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.exitCode) == (.failed, 4))
            // What the daemon had not read when the job ended is lost.
            let words = runner.world.text("runner.log")
            #expect(
                view.log.incomplete == "docker did not answer when the job ended, so the last lines may be missing",
                "\(words)")
        }
    }

    @Test("podman writes logs itself, so nothing of them is lost while it does not answer")
    func podmanAwayAtTheEnd() async throws {
        try await withRunner(.on(.podman)) { runner in
            let id = try runner.submit("\(QueueTests.until("go")); exit 4")
            try runner.wait(id, for: .running)
            try runner.world.engine.rule("container-inspect", FakeEngine.unreachable)
            try runner.world.directory.write("", to: "go")
            try blockUntil("it was asked") { runner.world.engine.calls(of: "container-inspect") > 1 }
            runner.world.engine.removeRule("container-inspect")
            #expect(try runner.waitForEnd(id).log.incomplete == nil)
        }
    }

    @Test("A container that was started, and is gone before anybody looks, is not started again")
    func goneAtOnce() async throws {
        try await withRunner(.on(.docker)) { runner in
            // As `docker container prune` does with a job that ends at once.
            try runner.world.engine.rule("run-started", "end_of $dir; mv $dir $root/gone.pruned")
            let view = try runner.waitForEnd(runner.submit("echo ran >>$T/ran"))
            #expect((view.phase, view.reason) == (.unknown, .containerLost))
            #expect(runner.world.text("ran") == "ran\n")
            #expect(runner.world.engine.calls(of: "run") == 1)
        }
    }

    @Test("A refused launch is repeated without removing what a docker daemon may still be about to start")
    func refusedAndLate() async throws {
        try await withRunner(.on(.docker)) { runner in
            let engine = runner.world.engine
            // The daemon begins the first attempt when the second is on its way.
            try engine.once("run", "echo 'unexpected EOF' >&2; mv $root/rules/second $root/rules/run.once; exit 125")
            try engine.rule(
                "second",
                "(make_container; prepare_start; echo \"start $dir\" >$root/daemon; read -r _ <$dir/started)")
            let view = try runner.waitForEnd(runner.submit("echo ran >>$T/ran; sleep 0.3; exit 4"))
            #expect((view.phase, view.exitCode) == (.failed, 4), "\(view.reason) \(view.message)")
            #expect(runner.world.text("ran") == "ran\n")
        }
    }

    @Test("An engine without space for a container is waited for", arguments: ["create", "run", "run-created"])
    func noSpace(_ verb: String) async throws {
        try await withRunner(.on(.docker)) { runner in
            let words = "Error response from daemon: mkdir /var/lib/docker/overlay2/x: no space left on device"
            try runner.world.engine.rule(verb, "echo '\(words)' >&2; exit 125")
            let id = try runner.submit("echo ran >>$T/ran; exit 4")
            let view = try runner.wait(id, "the wait for space") { $0.message.contains("no space left on device") }
            #expect(view.phase == .preparing)
            let asked = verb == "create" ? verb : "run"
            try blockUntil("it was tried again") { runner.world.engine.calls(of: asked) > 2 }
            #expect(try runner.view(id).phase == .preparing)
            runner.world.engine.removeRule(verb)
            #expect(try runner.waitForEnd(id).exitCode == 4)
            #expect(runner.world.text("ran") == "ran\n")
            try blockUntil("all is removed") { runner.world.engine.containers.isEmpty }
        }
    }

    @Test("A job that waits for space of the engine can be cancelled")
    func cancelledWithoutSpace() async throws {
        try await withRunner { runner in
            try runner.world.engine.rule("run", "echo 'Error: no space left on device' >&2; exit 126")
            let id = try runner.submit("echo ran >>$T/ran")
            try runner.wait(id, "the wait for space") { $0.message.contains("no space left on device") }
            try runner.cancel(id)
            #expect(try runner.waitForEnd(id).phase == .cancelled)
            #expect(runner.world.text("ran").isEmpty)
        }
    }

    @Test("Where the container's process cannot be seen, a wait that returns at once proves nothing")
    func lyingWait() async throws {
        try await withRunner(.on(.docker)) { runner in
            try runner.world.engine.rule("container-inspect", "FORCE_PID=0")
            try runner.world.engine.rule("wait", "echo 0; exit 0")
            let id = try runner.submit("\(QueueTests.until("go")); exit 4")
            try runner.wait(id, for: .running)
            try blockUntil("it was waited for again") { runner.world.engine.calls(of: "wait") > 3 }
            #expect(try runner.view(id).phase == .running)
            runner.world.engine.removeRule("wait")
            try runner.world.directory.write("", to: "go")
            #expect(try runner.waitForEnd(id).exitCode == 4)
        }
    }

    @Test("An engine that is away when a job is to be stopped gets no SIGKILL in place of the SIGTERM")
    func awayAtAStop() async throws {
        try await withRunner { runner in
            let id = try runner.submit("trap 'echo asked; exit 9' TERM; echo begun; while :; do sleep 0.02; done")
            try runner.wait(id, for: .running)
            try blockUntil("it listens") { try runner.logText(id).contains("begun") }
            for verb in ["stop", "ps"] { try runner.world.engine.rule(verb, FakeEngine.unreachable) }
            try runner.cancel(id)
            try blockUntil("it was tried") { runner.world.engine.calls(of: "stop") > 1 }
            for verb in ["stop", "ps"] { runner.world.engine.removeRule(verb) }
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.exitCode) == (.cancelled, 9))
            #expect(try runner.logText(id).hasSuffix("asked\n"))
            #expect(runner.world.engine.calls(of: "kill") == 0)
        }
    }

    @Test("A log that the engine cannot read any more is given up, and said to lack lines")
    func unreadableLog() async throws {
        try await withRunner(.on(.docker)) { runner in
            let words = "error from daemon in stream: Error grabbing logs: invalid character"
            try runner.world.engine.rule("logs", "cat $root/containers/${operands[0]}/log; echo '\(words)' >&2; exit 1")
            let id = try runner.submit("echo kept; exit 4")
            let view = try runner.waitForEnd(id)
            #expect(view.exitCode == 4)
            #expect(view.log.incomplete?.contains("could not hand over all of it") == true)
            #expect(try runner.logText(id) == "kept\n")
            try blockUntil("all is removed") { runner.world.engine.containers.isEmpty }
        }
    }

    @Test("However many jobs come at once, four launches are under way", arguments: EngineName.allCases)
    func burst(_ engine: EngineName) async throws {
        var options = WorldOptions.on(engine)
        options.cpus = 12
        try await withRunner(options) { runner in
            let gate = runner.world.engine.makeGate("run")
            try runner.world.engine.rule("run", "echo + >>$root/launches; gate run")
            try runner.world.engine.rule("run-started", "echo - >>$root/launches")
            let ids = try (0..<12).map { _ in try runner.submit("echo ran >>$T/ran; exit 4") }
            try blockUntil("all are about to be launched") {
                try ids.allSatisfy { id in
                    guard case .preparing(let preparing) = try runner.supervisor.record(of: id).job.state else {
                        return false
                    }
                    return preparing.launch != nil
                }
            }
            try blockUntil("four are") { runner.world.engine.calls(of: "run") >= 4 }
            let opened = try gate.open()
            for id in ids { #expect(try runner.waitForEnd(id).exitCode == 4) }
            #expect(runner.world.text("ran") == String(repeating: "ran\n", count: 12))
            #expect(runner.world.engine.calls(of: "run") == 12)
            var underWay = 0
            let most = runner.world.engine.lines("launches").map { line in
                underWay += line == "+" ? 1 : -1
                return underWay
            }.max()
            #expect(most == 4)
            withExtendedLifetime(opened) {}
        }
    }
}
