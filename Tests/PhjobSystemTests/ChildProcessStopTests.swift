import Foundation
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// Stopping a program before its end.
@Suite(.timeLimit(.minutes(30))) struct ChildProcessStopTests {
    /// A child that is abandoned once it has printed the word `ready`, with all that it printed.
    private func abandonWhenReady(_ script: String, teardown: [TeardownStep] = TeardownStep.prompt) async throws
        -> String
    {
        let output = Mutex("")
        let abandon = try Wakeup()
        await #expect(throws: ProcessError.abandoned(executable: "/bin/sh")) {
            try await onThread {
                try shellScript(script, teardown: teardown).run(abandon: abandon.descriptor) { bytes in
                    let text = output.withLock { output in
                        output += String(decoding: bytes, as: UTF8.self)
                        return output
                    }
                    if text.contains("ready") { abandon.signal() }
                }
            }
        }
        return output.withLock { $0 }
    }

    private func number(in output: String) throws -> pid_t {
        try #require(output.split(whereSeparator: \.isNewline).lazy.compactMap { pid_t($0) }.first)
    }

    @Test func timeoutStopsTheProgram() async throws {
        await #expect(throws: ProcessError.timedOut(executable: "/bin/sh", seconds: 0.2)) {
            try await onThread { try shellScript("exec sleep 3600", timeout: 0.2).run() }
        }
    }

    @Test func programThatEndsInTimeIsNotStopped() async throws {
        let result = try await onThread { try shellScript("exit 7", timeout: patience).run() }
        #expect(result.status == .exited(7))
    }

    @Test func abandonedProgramIsStopped() async throws {
        let output = try await abandonWhenReady("echo $$; echo ready; exec sleep 3600")
        #expect(!HostProcess.isAlive(try number(in: output)))
    }

    @Test func programAbandonedBeforeItsStartIsStopped() async throws {
        let abandon = try Wakeup()
        abandon.signal()
        await #expect(throws: ProcessError.abandoned(executable: "/bin/sh")) {
            try await onThread { try shellScript("exec sleep 3600").run(abandon: abandon.descriptor) }
        }
    }

    @Test func programThatIgnoresTermIsKilled() async throws {
        let steps = [TeardownStep(signal: SIGTERM, grace: 2), TeardownStep(signal: SIGKILL, grace: 20)]
        let output = try await abandonWhenReady(
            "trap 'echo term' TERM; echo $$; echo ready; while :; do sleep 0.05; done", teardown: steps)
        #expect(output.contains("term"))
        #expect(!HostProcess.isAlive(try number(in: output)))
    }

    @Test func programThatEndsOnTermIsNotKilled() async throws {
        let output = try await abandonWhenReady(
            "trap 'echo tidied; exit 0' TERM; echo ready; while :; do sleep 0.05; done",
            teardown: [TeardownStep(signal: SIGTERM, grace: 60), TeardownStep(signal: SIGKILL, grace: 5)])
        #expect(output.contains("tidied"))
    }

    @Test func politeTeardownNeverKills() async throws {
        #expect(TeardownStep.polite.allSatisfy { $0.signal != SIGKILL })
        let output = try await abandonWhenReady(
            "trap 'echo term' TERM; trap '' PIPE; echo $$; echo ready; while :; do sleep 0.05; done",
            teardown: [TeardownStep(signal: SIGTERM, grace: 2)])
        let pid = try number(in: output)
        defer { kill(-pid, SIGKILL) }
        #expect(output.contains("term"))
        #expect(HostProcess.isAlive(pid))
    }

    @Test func programWithoutTeardownIsLeftToItself() async throws {
        let output = try await abandonOrTimeOut("echo $$; trap '' PIPE; exec sleep 3600")
        let pid = try number(in: output)
        defer { kill(-pid, SIGKILL) }
        #expect(HostProcess.isAlive(pid))
    }

    private func abandonOrTimeOut(_ script: String) async throws -> String {
        let output = Mutex("")
        await #expect(throws: ProcessError.timedOut(executable: "/bin/sh", seconds: 1)) {
            try await onThread {
                try shellScript(script, timeout: 1, teardown: []).run { bytes in
                    output.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
                }
            }
        }
        return output.withLock { $0 }
    }

    @Test func childrenOfTheProgramAreStoppedToo() async throws {
        let output = try await abandonWhenReady("sleep 3600 & echo $!; echo ready; wait")
        let sleeper = try number(in: output)
        try await eventually("the grandchild ends") { !HostProcess.isAlive(sleeper) }
    }

    @Test func programHasAProcessGroupOfItsOwn() async throws {
        let result = try await runShell("echo $$; cut -d' ' -f5 /proc/$$/stat")
        let numbers = result.output.text.split(separator: "\n")
        #expect(numbers.count == 2)
        #expect(numbers.first == numbers.last)
    }
}
