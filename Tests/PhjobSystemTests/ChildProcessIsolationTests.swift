import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// What a program inherits, and what many of them leave behind.
@Suite(.timeLimit(.minutes(30))) struct ChildProcessIsolationTests {
    /// Foundation's own socket, by which it sees the child's end, is the one exception that cannot be avoided.
    @Test func noDescriptorsOfOursAreInherited() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("x", to: "leak")
        let (ours, carelessly) = try await onThread {
            (try Descriptor(opening: path, flags: O_RDONLY), open(path, O_RDONLY))
        }
        defer { close(carelessly) }
        let result = try await runShell("exec ls -l /proc/self/fd")
        let links = result.output.text.split(separator: "\n").compactMap { line -> (Int32, Substring)? in
            let words = line.split(separator: " ")
            guard let arrow = words.firstIndex(of: "->"), let number = Int32(words[arrow - 1]) else { return nil }
            return (number, words[arrow + 1])
        }
        #expect(links.count >= 3)
        #expect(ours.number != carelessly)
        let extra = links.filter { $0.0 > 2 && !$0.1.hasPrefix("/proc/") && !$0.1.hasPrefix("socket:") }
        #expect(extra.isEmpty, "\(extra)")
        #expect(links.count { $0.1.hasPrefix("socket:") } <= 1)
    }

    /// Else SIGTERM could not stop the program: Dispatch's threads, and those they start, have it blocked.
    @Test func blockedSignalsAreNotInherited() async throws {
        let (status, isStillBlocked) = try await onThread {
            var mask = sigset_t()
            sigfillset(&mask)
            pthread_sigmask(SIG_BLOCK, &mask, nil)
            let status = try shellScript("exec grep ^SigBlk /proc/self/status").run().output.text
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            return (status, sigismember(&mask, SIGTERM) == 1)
        }
        #expect(status == "SigBlk:\t0000000000000000\n")
        #expect(isStillBlocked)
    }

    /// Nor are the signals that the runner reads from a descriptor.
    @Test func caughtSignalsAreNotInherited() async {
        await #expect(processExitsWith: .success) {
            let signals = try Signals([SIGTERM, SIGUSR1])
            let result = try await onThread { try shellScript("kill -USR1 $$; exit 0").run() }
            #expect(result.status == .signalled(SIGUSR1))
            #expect(signals.next() == nil)
        }
    }

    /// In a process of its own, where all descriptors and children are those of this test.
    @Test func manyAtOnceLeaveNothingBehind() async {
        await #expect(processExitsWith: .success) {
            _ = try await onThread { try shellScript("exit 0").run() }
            let before = try HostProcess.descriptors()
            #expect(try await wrongResults(workers: 8, rounds: 25) == [])
            try await eventually("no zombie is left") { try HostProcess.children().isEmpty }
            // Dispatch opens a few of its own when it likes.
            try await eventually("no descriptor is left") { try HostProcess.descriptors().count < before.count + 20 }
        }
    }

    /// A start that fails leaves nothing open either.
    @Test func failedStartsLeaveNoDescriptors() async {
        await #expect(processExitsWith: .success) {
            let child = ChildProcess(ProcessCommand("/nonexistent/program", []), timeout: patience)
            try await onThread {
                _ = try? child.run()
                let before = try HostProcess.descriptors().count
                for _ in 0..<50 { _ = try? child.run() }
                try blockUntil("no descriptor is left") { try HostProcess.descriptors().count < before + 20 }
            }
        }
    }
}

/// Runs short programs on several threads at once; gives those results that are not theirs.
private func wrongResults(workers: Int, rounds: Int) async throws -> [String] {
    try await withThrowingTaskGroup(of: [String].self) { group in
        for worker in 0..<workers {
            group.addTask {
                try await onThread {
                    try (0..<rounds).compactMap { round in
                        let code = Int32((worker * rounds + round) % 256)
                        let result = try shellScript("echo \(code); exit \(code)").run()
                        let isRight = result.status == .exited(code) && result.output.text == "\(code)\n"
                        return isRight ? nil : "\(code): \(result)"
                    }
                }
            }
        }
        return try await group.reduce(into: []) { $0 += $1 }
    }
}
