import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunner
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import phjob

/// A runner that lives and whose socket is gone, as after its user has logged out and in.
@Suite struct RunnerRevivalTests {
    /// A process that holds the lock of a state directory, and at SIGHUP does `then`.
    private static func holder(_ directory: TemporaryDirectory, then script: String = ":") throws -> ReapedProcess {
        try Directory.create(directory("state"))
        try directory.write(#"{"pid":1,"socket":"/nonexistent/s"}"#, to: "state/runner.lock")
        let script = "trap '\(script)' HUP; echo ready >\(directory("ready")); while :; do sleep 0.05; done"
        let command = ProcessCommand(
            "/usr/bin/flock", ["-F", directory("state/runner.lock"), "/bin/sh", "-c", script],
            environment: ["PATH": "/usr/bin:/bin"])
        let process = try ReapedProcess(command, log: directory("log"))
        try blockUntil("it holds the lock") { directory.status("ready") != nil }
        return process
    }

    private static func runner(_ directory: TemporaryDirectory) throws -> PersonalRunner {
        let environment = [
            "PHJOB_STATE": directory("state"), "PHJOB_CONFIG": directory("config.json"),
            "PHJOB_SOCKET": directory("run/phjob.sock"),
        ]
        let paths = try Paths(environment: environment, uid: geteuid(), home: nil, workingDirectory: "/")
        return PersonalRunner(
            paths: paths, environment: ["PATH": "/nonexistent", "HOME": directory.path],
            executable: "\(programs)/phjob", startTimeout: patience)
    }

    private static let programs: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return SocketPlace.directory(of: path)
    }()

    @Test func aRunnerThatDoesNotAnswerIsRemindedOfItsSocket() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("{}", to: "config.json")
        try await onThread {
            let listener = try UnixSocket.listen(at: directory("new.sock"))
            let holder = try Self.holder(
                directory, then: "cp \(directory("new.json")) \(directory("state/runner.lock"))")
            defer { holder.signal(SIGKILL) }
            try directory.write(#"{"pid":1,"socket":"\#(directory("new.sock"))"}"#, to: "new.json")
            let runner = try Self.runner(directory)
            #expect(try runner.find() == nil && runner.process == holder.pid)
            #expect(try runner.findOrStart() == directory("new.sock"))
            withExtendedLifetime(listener) {}
        }
    }

    @Test func statusAndStopGoByTheLock() async throws {
        let directory = try TemporaryDirectory()
        try await onThread {
            let holder = try Self.holder(directory)
            defer { holder.signal(SIGKILL) }
            var runner = try Self.runner(directory)
            runner.revivalTimeout = 0.2
            let world = try TestWorld()
            var context = world.context
            let setup = RunnerSetup(
                choice: RunnerChoice(mode: .personal, reason: "test"), paths: runner.paths, finder: runner)
            context.setup = { _ in setup }
            #expect(try RunnerStatusCommand().run(context) == 1)
            #expect(
                world.errors.text.contains("the runner (pid \(holder.pid)) does not answer"), "\(world.errors.text)")
            #expect(try RunnerStopCommand().run(context) == 0)
            #expect(try holder.waitForEnd("it has ended") == 128 + SIGTERM)
            #expect(world.errors.text.contains("the runner has stopped"))
            #expect(try RunnerStatusCommand().run(context) == 1)
            #expect(world.errors.text.hasSuffix("the runner is not running; 'phjob runner start' starts it\n"))
        }
    }

    /// All of it, with a real runner.
    @Test func logOutAndIn() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            {"groups": [{"name": "lab", "users": []}],
             "instanceTypes": [{"name": "x", "cpuLimit": 1, "memoryLimit": "1G"}],
             "images": [{"name": "x", "url": "localhost/x"}]}
            """, to: "config.json")
        try await onThread {
            try Directory.create(directory("run"))
            let runner = try Self.runner(directory)
            #expect(try runner.findOrStart() == directory("run/phjob.sock"))
            let pid = try #require(runner.process)
            defer {
                _ = FileLock.signalHolder(of: directory("state/runner.lock"), SIGKILL)
                waitpid(pid, nil, 0)
            }
            try #require(rename(directory("run"), directory("gone")) == 0)
            let spare = try runner.findOrStart()
            #expect(spare == directory("state/phjob.sock"))
            #expect(try runner.client(at: spare).status().pid == pid)
            try Directory.create(directory("run"))
            try blockUntil("it is where it was") { try runner.find() == directory("run/phjob.sock") }
            #expect(try runner.client(at: directory("run/phjob.sock")).status().pid == pid)
        }
    }

    @Test(.enabled(if: HostProcess.isRoot, "becoming another user needs root"))
    func anotherUsersSocketIsNotTalkedTo() async throws {
        let directory = try TemporaryDirectory()
        try await onThread {
            try Directory.create(directory("run"))
            chmod(directory.path, 0o755)
            // As in /tmp: the name was taken first.
            chmod(directory("run"), 0o1777)
            let listener = try EffectiveUser.with(65534) { try UnixSocket.listen(at: directory("run/phjob.sock")) }
            let runner = try Self.runner(directory)
            let error = #expect(throws: PhjobError.self) { try runner.find() }
            #expect(error?.code == .forbidden && error?.message.contains("uid 65534 serves at") == true)
            // Also if nothing is looked at before the first request.
            let client = runner.client(at: directory("run/phjob.sock"))
            #expect { try client.status() } throws: { ($0 as? PhjobError) == error }
            withExtendedLifetime(listener) {}
        }
    }
}
