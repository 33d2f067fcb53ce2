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

/// A command runs at most once, whatever happens while its container is being started.
@Suite("Launches that are cut short")
struct LaunchInterruptionTests {
    private static let command = "echo ran >>$T/ran; exit 5"

    @Test("The client dies before it made anything: launched again, once", arguments: EngineName.allCases)
    func beforeCreation(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.once("run", "kill -KILL $$")
            let view = try runner.waitForEnd(runner.submit(Self.command))
            #expect((view.phase, view.exitCode) == (.failed, 5))
            #expect(runner.world.text("ran") == "ran\n")
            #expect(runner.world.engine.calls(of: "run") == 2)
        }
    }

    @Test("The client dies after it made the container: podman cannot say whether it ran")
    func podmanCreated() async throws {
        try await withRunner(.on(.podman)) { runner in
            try runner.world.engine.once("run-created", "kill -KILL $$")
            let id = try runner.submit(Self.command)
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.reason) == (.unknown, .launchInterrupted))
            #expect(runner.world.text("ran").isEmpty)
            #expect(runner.world.engine.calls(of: "run") == 1)
            #expect(runner.world.engine.containers.isEmpty)
        }
    }

    @Test("podman says 'created' of a container that ran to its end: it is not run again")
    func podmanCreatedAndRan() async throws {
        try await withRunner(.on(.podman)) { runner in
            try runner.world.engine.rule(
                "container-inspect", "FORCE_STATUS=created FORCE_CODE=0 FORCE_START=0001-01-01T00:00:00Z")
            try runner.world.engine.once("run-started", "kill -KILL $$")
            let view = try runner.waitForEnd(runner.submit(Self.command))
            #expect((view.phase, view.reason, view.exitCode) == (.unknown, .launchInterrupted, nil))
            #expect(runner.world.text("ran") == "ran\n")
        }
    }

    @Test("podman half knows a container of that name: it is removed, and the job launched")
    func halfKnownName() async throws {
        try await withRunner(.on(.podman)) { runner in
            // As after a client that was killed while it created one: `inspect` and `ps` know of none, and only `rm` helps.
            try runner.world.engine.rule(
                "run",
                """
                : >"$root/tried"
                [ -e "$root/cured" ] || fail 125 'Error: creating container storage: the container name is already in use'
                """)
            try runner.world.engine.rule("rm", "if [ -e \"$root/tried\" ]; then : >\"$root/cured\"; fi")
            let view = try runner.waitForEnd(runner.submit(Self.command))
            #expect((view.phase, view.exitCode) == (.failed, 5), "\(view.message)")
            #expect(runner.world.text("ran") == "ran\n")
            #expect(runner.world.engine.calls(of: "run") == 2)
        }
    }

    @Test("docker says 'created': it never ran, so it is launched again, once")
    func dockerCreated() async throws {
        try await withRunner(.on(.docker)) { runner in
            try runner.world.engine.once("run-created", "kill -KILL $$")
            let view = try runner.waitForEnd(runner.submit(Self.command))
            #expect((view.phase, view.exitCode) == (.failed, 5))
            #expect(runner.world.text("ran") == "ran\n")
            #expect(runner.world.engine.calls(of: "run") == 2)
        }
    }

    @Test("The docker daemon goes on without its client, late: the container is adopted, not started again")
    func dockerLate() async throws {
        try await withRunner(.on(.docker)) { runner in
            // Made and started some time after the client has died; `inspect` says first absent, then created, then running.
            try runner.world.engine.once(
                "run",
                """
                { declare -p root dialect name labels mounts operands logpath pidfile; declare -f
                  echo 'sleep 1; make_container; sleep 1; prepare_start; echo "start $dir" >"$root/daemon"'
                  echo 'read -r _ <"$dir/started"'; } >"$root/late"
                bash "$root/late" >/dev/null 2>&1 &
                kill -KILL $$
                """)
            let view = try runner.waitForEnd(runner.submit(Self.command))
            #expect((view.phase, view.exitCode) == (.failed, 5))
            #expect(runner.world.text("ran") == "ran\n")
            #expect(runner.world.engine.calls(of: "run") == 1)
        }
    }

    @Test("A docker daemon that starts the container when it is about to be removed wins")
    func dockerRemovalRace() async throws {
        try await withRunner(.on(.docker)) { runner in
            try runner.world.engine.once("run-created", "kill -KILL $$")
            try runner.world.engine.once(
                "rm",
                """
                if [ -z "$force" ]; then
                    dir=$root/containers/${operands[0]}; echo "start $dir" >"$root/daemon"; read -r _ <"$dir/started"
                fi
                """)
            let id = try runner.submit("echo ran >>$T/ran; sleep 0.5; exit 5")
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.exitCode) == (.failed, 5))
            #expect(runner.world.text("ran") == "ran\n")
        }
    }

    @Test("The client dies after the start: the job is found and ends with its code", arguments: EngineName.allCases)
    func afterStart(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.once("run-started", "kill -KILL $$")
            let id = try runner.submit("echo output; \(Self.command)")
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.exitCode) == (.failed, 5))
            #expect(runner.world.text("ran") == "ran\n")
            #expect(try runner.logText(id) == "output\n")
        }
    }

    @Test("A client that fails after the start is not believed", arguments: EngineName.allCases)
    func failingAfterStart(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.once("run-started", "echo 'error during connect: EOF' >&2; exit 125")
            let id = try runner.submit("sleep 0.3; \(Self.command)")
            #expect(try runner.waitForEnd(id).exitCode == 5)
            #expect(runner.world.text("ran") == "ran\n")
        }
    }

    @Test("While a client of the launch lives, nothing is concluded", arguments: EngineName.allCases)
    func livingClient(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let gate = runner.world.engine.makeGate("run")
            try runner.world.engine.once("run", "gate run")
            let id = try runner.submit(Self.command)
            let client = try gate.awaitCall()
            // The runner dies; its client does not.
            let next = try runner.restart()
            defer { next.kill() }
            try blockUntil("it is looked for") { next.world.engine.calls(of: "container-inspect") >= 2 }
            let other = try next.submit("true")
            try next.waitForEnd(other)
            #expect(HostProcess.isAlive(client))
            #expect(try next.view(id).phase == .preparing)
            let opened = try gate.open()
            #expect(try next.waitForEnd(id).exitCode == 5)
            withExtendedLifetime(opened) {}
            #expect(next.world.text("ran") == "ran\n")
            #expect(next.world.engine.calls(of: "run") == 2)
        }
    }

    @Test("A process that only calls itself a client of the launch holds nothing up")
    func impostor() async throws {
        try await withRunner { runner in
            let gate = runner.world.engine.makeGate("run")
            try runner.world.engine.once("run", "gate run")
            let id = try runner.submit(Self.command)
            let client = try gate.awaitCall()
            let words = ["-c", "sleep 3600; :", "podman", "--name=phjob-\(id)"]
            let impostor = try ReapedProcess(ProcessCommand("/bin/sh", words), log: "/dev/null")
            defer {
                for child in ProcessTable.children(of: impostor.pid) { child.kill() }
                _ = try? impostor.waitForEnd()
            }
            kill(client, SIGKILL)
            #expect(try runner.waitForEnd(id).exitCode == 5)
            #expect(impostor.isRunning)
        }
    }

    @Test("The engine that launched is asked, and not one that happens to work now")
    func otherEngine() async throws {
        var options = WorldOptions()
        options.engine = "auto"
        try await withWorld(options) { world in
            let gate = world.engine.makeGate("run")
            let runner = try world.start()
            try world.engine.once("run-started", "gate run")
            let id = try runner.submit("echo ran >>$T/ran; \(QueueTests.until("go")); exit 5")
            try gate.awaitCall()
            runner.kill()
            // podman is broken when the next runner comes, and docker has never heard of the job.
            try world.engine.rule(
                "any",
                """
                case $dialect in
                    podman) echo 'Error: database is locked' >&2; exit 125 ;;
                    docker) if [ "${operands[*]}" = phjob-\(id) ]; then operands=(none); elif [ "$verb" = ps ]; then exit 0; fi ;;
                esac
                """)
            let opened = try gate.open()
            let next = try world.start()
            defer { next.kill() }
            #expect(next.supervisor.engines.current?.facts.name == .docker)
            try blockUntil("podman was looked for") { world.text("runner.log").contains("engine-of-job-missing") }
            let other = try next.submit("true")
            try next.wait(other, "its end") { $0.phase.isFinal }
            #expect(try next.view(id).phase == .preparing)
            world.engine.removeRule("any")
            try world.directory.write("", to: "go")
            #expect(try next.waitForEnd(id).exitCode == 5)
            withExtendedLifetime(opened) {}
            #expect(world.text("ran") == "ran\n")
        }
    }
}
