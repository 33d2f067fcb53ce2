import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

/// What ends while systemd stops the machine did not end by itself, whatever its exit code says.
@Suite("The machine is shut down, or the user logs out")
struct ShutdownTests {
    /// A systemctl(1) that answers what two files say.
    private static func withSystemd(_ body: @escaping @Sendable (World, LiveRunner) throws -> Void) async throws {
        try await withWorld { world in
            try Directory.create(world.directory("systemd"))
            try say("running", of: "machine", in: world)
            try say("running", of: "user", in: world)
            let place = world.directory.path
            let script = "#!/bin/sh\n[ \"$1\" = --user ] && exec /bin/cat \(place)/user\n/bin/cat \(place)/machine\n"
            try world.directory.write(script, to: "systemctl")
            try HostProcess.shell("cd \(place) && cp systemctl bin/ && chmod 755 bin/systemctl")
            let runner = try world.start()
            defer { runner.kill() }
            try body(world, runner)
        }
    }

    private static func say(_ word: String, of manager: String, in world: World) throws {
        try world.directory.write("\(word)\n", to: "\(manager).new")
        try HostProcess.shell("mv \(world.directory.path)/\(manager).new \(world.directory.path)/\(manager)")
    }

    private static let resilient = "trap 'exit 0' TERM; \(QueueTests.until("go"))"

    @Test("Nothing is decided or started while the machine is being shut down; the next boot decides")
    func machine() async throws {
        try await Self.withSystemd { world, runner in
            let running = try runner.submit(Self.resilient)
            try runner.wait(running, for: .running)
            try Self.say("stopping", of: "machine", in: world)
            let waiting = try runner.submit("echo ran >>$T/ran; exit 4")
            try runner.wait(waiting, "it waits") { $0.message.contains("is being shut down") }
            try world.directory.write("", to: "go")
            try blockUntil("it has ended") { world.engine.lines("events").contains("- phjob-\(running)") }
            #expect(try runner.view(running).phase == .running)
            #expect(world.engine.calls(of: "run") == 1)
            runner.kill()
            try Self.say("running", of: "machine", in: world)
            for id in [running, waiting] { try LossTests.rewrite(world, id) { try LossTests.inAnotherBoot($1) } }
            let next = try world.start()
            defer { next.kill() }
            let view = try next.waitForEnd(running)
            #expect((view.phase, view.reason, view.exitCode) == (.unknown, .nodeLost, nil))
            #expect(view.message == "the machine was shut down or restarted while the job ran")
            #expect(try next.waitForEnd(waiting).exitCode == 4)
            #expect(world.text("ran") == "ran\n")
        }
    }

    @Test("A shutdown that is called off delays ends and starts")
    func calledOff() async throws {
        try await Self.withSystemd { world, runner in
            let running = try runner.submit("\(QueueTests.until("go")); exit 3")
            try runner.wait(running, for: .running)
            try Self.say("stopping", of: "machine", in: world)
            let waiting = try runner.submit("exit 4")
            try runner.wait(waiting, "it waits") { $0.message.contains("is being shut down") }
            try world.directory.write("", to: "go")
            try blockUntil("it has ended") { world.engine.lines("events").contains("- phjob-\(running)") }
            try Self.say("running", of: "machine", in: world)
            #expect(try runner.waitForEnd(running).exitCode == 3)
            #expect(try runner.waitForEnd(waiting).exitCode == 4)
        }
    }

    @Test("A cancel decides the outcome, shutdown or not")
    func cancelled() async throws {
        try await Self.withSystemd { world, runner in
            let id = try runner.submit(StopTests.endless)
            try runner.wait(id, for: .running)
            try Self.say("stopping", of: "machine", in: world)
            try runner.cancel(id)
            #expect(StopTests.isCancelled(try runner.waitForEnd(id)))
        }
    }

    @Test("What the end of the user's service manager ends says that it was the log-out")
    func loggedOut() async throws {
        try await Self.withSystemd { world, runner in
            let id = try runner.submit(Self.resilient)
            try runner.wait(id, for: .running)
            try Self.say("stopping", of: "user", in: world)
            try world.directory.write("", to: "go")
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.reason, view.exitCode) == (.unknown, .loggedOut, nil))
            #expect(view.message.contains("'loginctl enable-linger'"))
        }
    }
}
