import Glibc
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import phjob

/// `phjob list --watch` in a terminal: the program itself in a pseudo-terminal of script(1).
@Suite struct TerminalListTests {
    @Test func theListIsDrawnAnewUntilCtrlC() async throws {
        try await onThread {
            let revision = Mutex<UInt64>(1)
            let changed = try Wakeup()
            let api = try FakeAPI { exchange in
                let now = revision.withLock { $0 }
                switch exchange.summary {
                case "GET jobs":
                    let item = SampleView.view { $0.displayName = "name-\(now)" }
                    return try JSONBody.response(.ok, JobPage(items: [item], next: nil, total: 1, revision: now))
                case "GET changes":
                    if exchange.request.queryValue("since") == "\(now)" {
                        guard exchange.wait(for: changed.descriptor.number) == .readable else { return nil }
                    }
                    return try JSONBody.response(.ok, ChangesAnswer(revision: revision.withLock { $0 }))
                default: return nil
                }
            }
            let directory = try TemporaryDirectory()
            mkfifo(directory("keys"), 0o600)
            try directory.write("", to: "screen")
            let command = "stty cols 90 rows 12; exec '\(TextInputTests.program)' list --watch"
            let script = "exec script -qefc \"\(command)\" '\(directory("screen"))' <'\(directory("keys"))' >/dev/null"
            let environment = [
                "PATH": "/usr/bin:/bin", "PHJOB_SOCKET": api.socket, "PHJOB_STATE": directory("state"), "TERM": "xterm",
                "SHELL": "/bin/sh",
            ]
            let terminal = Waiter {
                try ChildProcess(
                    ProcessCommand("/bin/sh", ["-c", script], environment: environment), timeout: patience
                ).run()
            }
            let keys = try Descriptor(opening: directory("keys"), flags: O_RDWR)
            try blockUntil("the list is drawn") { try directory.text("screen").contains("name-1") }
            revision.withLock { $0 = 2 }
            changed.signal()
            try blockUntil("the list is drawn anew") { try directory.text("screen").contains("name-2") }
            try keys.write([3])
            #expect(try terminal.get().status == .exited(0))
            let screen = try directory.text("screen")
            #expect(screen.contains("\u{1B}[H\u{1B}[2J") && screen.contains("STATUS"))
            // No line is longer than the terminal is wide.
            let lines = screen.split(separator: "\r\n").filter { $0.contains("name-") }
            #expect(lines.allSatisfy { !$0.contains("name-1") || !$0.contains("name-2") } && !lines.isEmpty)
        }
    }
}
