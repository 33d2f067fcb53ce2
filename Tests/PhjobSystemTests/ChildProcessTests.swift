import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// Starting a program and learning how it ended.
@Suite(.timeLimit(.minutes(30))) struct ChildProcessTests {
    @Test(arguments: [0, 1, 3, 125, 126, 127, 255] as [Int32])
    func exitCode(_ code: Int32) async throws {
        let result = try await runShell("exit \(code)")
        #expect(result.status == .exited(code))
        #expect(result.isSuccess == (code == 0))
    }

    @Test(arguments: [SIGKILL, SIGTERM, SIGSEGV, SIGPIPE])
    func signal(_ number: Int32) async throws {
        let result = try await runShell("kill -\(number) $$")
        #expect(result.status == .signalled(number))
        #expect(!result.isSuccess)
    }

    @Test func outputAndErrorsAreKeptApart() async throws {
        let result = try await runShell("echo out; echo err >&2")
        #expect(result.output.text == "out\n")
        #expect(result.errors.text == "err\n")
    }

    @Test func argumentsArriveAsTheyAre() async throws {
        let words = ["", "a b", "$HOME", "*", "'\"\\", "-n", "line\nline", "\u{1f680}", "\u{1b}[0m"]
        let child = ChildProcess(ProcessCommand("/usr/bin/printf", [#"%s\0"#] + words), timeout: patience)
        let result = try await onThread { try child.run() }
        #expect(result.output.text == words.map { "\($0)\0" }.joined())
    }

    @Test(arguments: [[:], ["ONLY": "one"], ["A": "", "B": "x y\nz=1", "LD_DEBUG_NOT": "\u{e9}"]])
    func environmentIsExactlyWhatIsGiven(_ environment: [String: String]) async throws {
        let child = ChildProcess(ProcessCommand("/usr/bin/env", ["-0"], environment: environment), timeout: patience)
        let result = try await onThread { try child.run() }
        #expect(
            Set(result.output.text.split(separator: "\0").map(String.init))
                == Set(environment.map { "\($0.key)=\($0.value)" }))
    }

    @Test func inputIsEmpty() async throws {
        let result = try await runShell("readlink /proc/self/fd/0; cat")
        #expect(result.output.text == "/dev/null\n")
    }

    @Test func missingProgram() async throws {
        let child = ChildProcess(ProcessCommand("/nonexistent/program", []), timeout: patience)
        let error = await #expect(throws: ProcessError.self) { try await onThread { try child.run() } }
        guard case .cannotStart("/nonexistent/program", let why) = error else { throw try #require(error) }
        #expect(why.contains("no such"))
    }

    @Test func programThatMayNotBeExecuted() async throws {
        let directory = try TemporaryDirectory()
        for path in [try directory.write("#!/bin/sh\n", to: "plain", mode: 0o644), directory.path] {
            let child = ChildProcess(ProcessCommand(path, []), timeout: patience)
            let error = await #expect(throws: ProcessError.self) { try await onThread { try child.run() } }
            guard case .cannotStart(path, let why) = error else { throw try #require(error) }
            #expect(!why.isEmpty)
        }
    }

    @Test func programWhoseInterpreterIsMissing() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("#!/nonexistent/interpreter\n", to: "script", mode: 0o755)
        let child = ChildProcess(ProcessCommand(path, []), timeout: patience)
        await #expect(throws: ProcessError.self) { try await onThread { try child.run() } }
    }

    /// Foundation would cut the text at the NUL and run something else.
    @Test func bytesThatCannotBePassedAreRefused() async throws {
        let commands = [
            ProcessCommand("/bin/echo", ["a\0b"]), ProcessCommand("/bin/echo\0x", []),
            ProcessCommand("/bin/echo", [], environment: ["KEY": "a\0b"]),
            ProcessCommand("/bin/echo", [], environment: ["K\0EY": "secret"]),
        ]
        for command in commands {
            let error = await #expect(throws: ProcessError.self) {
                try await onThread { try ChildProcess(command, timeout: patience).run() }
            }
            #expect(error?.description.contains("NUL") == true)
            #expect(error?.description.contains("secret") == false)
        }
    }

    /// What Foundation alone reports only when the daemon has ended too.
    @Test func daemonThatHoldsThePipesIsNotWaitedFor() async throws {
        let result = try await runShell("sleep 3600 & echo $!; exit 3")
        let sleeper = try #require(pid_t(result.output.text.trimmingCharacters(in: .whitespacesAndNewlines)))
        defer { kill(sleeper, SIGKILL) }
        #expect(result.status == .exited(3))
        #expect(HostProcess.isAlive(sleeper))
    }

    /// Its output has no end, so reading until there is none would not end either.
    @Test(.timeLimit(.minutes(30))) func daemonThatPrintsForEverIsNotWaitedFor() async throws {
        let result = try await runShell("yes & echo $! >&2; exit 4")
        let printer = try #require(pid_t(result.errors.text.trimmingCharacters(in: .whitespacesAndNewlines)))
        defer { kill(printer, SIGKILL) }
        #expect(result.status == .exited(4))
    }

    @Test func descriptionCanBeTypedIntoAShell() async throws {
        let words = ["a b", "it's", "", "--flag=x", "$(reboot)", "line\nline"]
        let command = ProcessCommand("/usr/bin/printf", [#"%s|"#] + words, environment: ["TOKEN": "secret"])
        #expect(!command.description.contains("secret"))
        #expect(try await runShell(command.description).output.text == words.map { "\($0)|" }.joined())
    }
}
