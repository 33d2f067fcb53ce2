import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// Starting what outlives us.
@Suite(.timeLimit(.minutes(30))) struct DetachedTests {
    private let directory: TemporaryDirectory
    private var log: String { directory("log") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func start(_ script: String) throws -> pid_t {
        let path = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ONLY": "this"]
        return try Detached.start(ProcessCommand("/bin/sh", ["-c", script], environment: path), log: log)
    }

    @Test func hasASessionOfItsOwnAndNoTerminal() async throws {
        let pid = try start("cut -d' ' -f5-7 /proc/$$/stat; readlink /proc/$$/fd/0; env; exec sleep 3600")
        defer { end(pid) }
        try await eventually("it has printed") { try directory.text("log").contains("ONLY=this") }
        let lines = try directory.text("log").split(separator: "\n")
        #expect(lines.first == "\(pid) \(pid) 0")
        #expect(lines.dropFirst().first == "/dev/null")
        #expect(!lines.contains { $0.hasPrefix("HOME=") })
        #expect(getsid(pid) == pid)
    }

    @Test func outputAndErrorsAreAppendedToTheLog() async throws {
        try directory.write("before\n", to: "log")
        let pid = try start("echo out; echo err >&2")
        waitpid(pid, nil, 0)
        #expect(try directory.text("log") == "before\nout\nerr\n")
    }

    @Test func logIsItsOwnersAlone() throws {
        waitpid(try start("exit 0"), nil, 0)
        #expect(directory.mode("log") == 0o600)
    }

    /// A shell script that calls us may hold a lock by a descriptor that it lets us inherit.
    ///
    /// In a process of its own: Foundation opens descriptors that are inherited while other tests start programs.
    @Test func noOtherDescriptorsAreInherited() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let carelessly = open(directory("lock"), O_RDWR | O_CREAT, 0o600)
            flock(carelessly, LOCK_EX)
            let command = ProcessCommand(
                "/bin/sh", ["-c", "echo ready; exec sleep 3600"], environment: ["PATH": "/bin"])
            let pid = try Detached.start(command, log: directory("log"))
            defer {
                kill(pid, SIGKILL)
                waitpid(pid, nil, 0)
            }
            close(carelessly)
            try await eventually("it runs") { try directory.text("log") == "ready\n" }
            #expect(try FileLock(path: directory("lock")) != nil)
            #expect(try Directory.names(in: Directory.open("/proc/\(pid)/fd")).sorted() == ["0", "1", "2"])
        }
    }

    @Test func signalsAreAsAtTheStartOfEveryProgram() async throws {
        let pid = try await onThread {
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_BLOCK, &all, nil)
            return try start("exec grep -E '^Sig(Blk|Ign)' /proc/self/status")
        }
        waitpid(pid, nil, 0)
        let masks = try directory.text("log").split(whereSeparator: \.isWhitespace).compactMap { UInt64($0, radix: 16) }
        #expect(masks.count == 2)
        // 32 and 33 are the C library's own, and stay as they are.
        #expect(masks.allSatisfy { $0 & ~(0b11 << 31) == 0 }, "\(masks)")
    }

    @Test func missingProgramIsAnError() {
        let error = #expect(throws: SystemError.self) {
            try Detached.start(ProcessCommand("/nonexistent/x", []), log: log)
        }
        #expect(error?.number == ENOENT)
        #expect(error?.description.contains("/nonexistent/x") == true)
    }

    private func end(_ pid: pid_t) {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }
}
