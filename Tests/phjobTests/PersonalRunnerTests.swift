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
