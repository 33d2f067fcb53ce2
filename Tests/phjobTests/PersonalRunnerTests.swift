import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import phjob

@Suite struct PersonalRunnerTests {
    private static func runner(_ directory: TemporaryDirectory, script: String = "exit 1") throws -> PersonalRunner {
        let paths = try Paths(
            environment: ["PHJOB_STATE": directory("state"), "PHJOB_CONFIG": directory("config.json")], uid: geteuid(),
            home: nil, workingDirectory: "/")
        return PersonalRunner(
            paths: paths, environment: ["PATH": "/usr/bin:/bin", "SECRET": "x"], executable: "/bin/sh",
            arguments: ["-c", script], startTimeout: 5)
    }

    @Test func withoutACatalogueItSaysHowToMakeOne() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: PhjobError.self) { try Self.runner(directory).findOrStart() }
        #expect(error?.hint == "run 'phjob init'")
        #expect(try directory.names() == [])
    }

    @Test func aRunnerThatDiesIsQuoted() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{}", to: "config.json")
        let runner = try Self.runner(directory, script: "echo noise; echo 'phjob: the state is full' >&2; exit 1")
        for _ in 1...2 {
            let error = #expect(throws: PhjobError.self) { try runner.findOrStart() }
            #expect(error?.message == "the runner did not start: the state is full")
        }
    }

    @Test func itsPlacesAreHandedOn() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{}", to: "config.json")
        let runner = try Self.runner(directory, script: "echo $PHJOB_STATE $PHJOB_CONFIG $PHJOB_SOCKET; exit 3")
        let error = #expect(throws: PhjobError.self) { try runner.findOrStart() }
        let state = directory("state")
        #expect(error?.message == "the runner did not start: \(state) \(directory("config.json")) \(state)/phjob.sock")
        #expect(directory.mode("state") == 0o700)
    }

    /// It ends with nothing of the session, and what it ends with is its own.
    @Test func itIsStartedInAScopeOfItsOwn() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{}", to: "config.json")
        try directory.write("#!/bin/sh\necho phjob: scoped\nshift 6\nexec \"$@\"\n", to: "script")
        try Directory.create(directory("run/systemd"))
        try directory.write("", to: "run/systemd/private")
        try HostProcess.shell("cd \(directory.path) && cp script systemd-run && chmod 755 systemd-run")
        var runner = try Self.runner(directory, script: "echo 'phjob: full'; exit 3")
        runner.isRoot = false
        let plain = #expect(throws: PhjobError.self) { try runner.findOrStart() }
        #expect(plain?.message == "the runner did not start: full")
        runner = PersonalRunner(
            paths: runner.paths,
            environment: ["PATH": "\(directory.path):/usr/bin:/bin", "XDG_RUNTIME_DIR": directory("run")],
            executable: "/bin/sh", arguments: ["-c", "echo 'phjob: full'; exit 3"], isRoot: false, startTimeout: 5)
        let scoped = #expect(throws: PhjobError.self) { try runner.findOrStart() }
        #expect(scoped?.message == "the runner did not start: scoped\nfull")
    }

    @Test func theOneThatLostTheRaceFindsTheWinner() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{}", to: "config.json")
        try Directory.create(directory("state"))
        // The winner serves elsewhere, as it was started from another environment.
        let listener = try UnixSocket.listen(at: directory("elsewhere"))
        let lock = try #require(try FileLock(path: directory("state/runner.lock")))
        try lock.setContent("{\"pid\": 1, \"socket\": \"\(directory("elsewhere"))\"}\n")
        let runner = try Self.runner(directory, script: "exit 99")
        #expect(try runner.find() == directory("elsewhere"))
        #expect(try runner.findOrStart() == directory("elsewhere"))
        withExtendedLifetime((listener, lock)) {}
    }

    @Test func whatALockFileSaysCountsOnlyWhileTheLockIsHeld() throws {
        let directory = try TemporaryDirectory()
        try Directory.create(directory("state"))
        let listener = try UnixSocket.listen(at: directory("elsewhere"))
        try directory.write("{\"pid\": 1, \"socket\": \"\(directory("elsewhere"))\"}\n", to: "state/runner.lock")
        #expect(try Self.runner(directory).find() == nil)
        withExtendedLifetime(listener) {}
    }

    @Test func aRunnerThatNeverAnswersIsGivenUp() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{}", to: "config.json")
        var runner = try Self.runner(directory, script: "echo $$ >$PHJOB_STATE/pid; exec sleep 3600")
        runner.startTimeout = 0.3
        let error = #expect(throws: PhjobError.self) { try runner.findOrStart() }
        #expect(error?.message.contains("does not answer") == true)
        let pid = try #require(pid_t(try directory.text("state/pid").filter { !$0.isNewline }))
        kill(pid, SIGKILL)
        // Left unreaped, it keeps the monitor of the exit tests from seeing any other child.
        waitpid(pid, nil, 0)
    }
}
