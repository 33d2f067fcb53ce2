import Dispatch
import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// One holder at a time, however it ends.
@Suite(.timeLimit(.minutes(30))) struct FileLockTests {
    private let directory: TemporaryDirectory
    private var path: String { directory("lock") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func secondHolderIsRefused() throws {
        let lock = try FileLock(path: path)
        #expect(lock != nil)
        #expect(try FileLock(path: path) == nil)
        #expect(FileLock.isHeld(path: path))
        withExtendedLifetime(lock) {}
    }

    @Test func releasedLockCanBeTakenAgain() throws {
        for _ in 0..<3 {
            let lock = try FileLock(path: path)
            #expect(lock != nil)
        }
        #expect(!FileLock.isHeld(path: path))
    }

    @Test func lockOfAFileThatDoesNotExistIsNotHeld() {
        #expect(!FileLock.isHeld(path: directory("missing")))
    }

    @Test func lockOfAProcessThatIsKilledIsFree() async throws {
        let path = path
        let abandon = try Wakeup()
        let holder = shellScript(
            "exec flock \(path) sh -c 'echo ready; exec sleep 3600'",
            teardown: [TeardownStep(signal: SIGKILL, grace: 20)])
        await #expect(throws: ProcessError.self) {
            try await onThread {
                try holder.run(abandon: abandon.descriptor) { _ in
                    let other = try FileLock(path: path)
                    #expect(other == nil)
                    #expect(FileLock.isHeld(path: path))
                    abandon.signal()
                }
            }
        }
        try await eventually("the lock is free") { try FileLock(path: path) != nil }
    }

    @Test func childrenDoNotInheritTheLock() async throws {
        let path = path
        let sleeper = try await onThread {
            let lock = try FileLock(path: path)
            #expect(lock != nil)
            let result = try shellScript("sleep 3600 & echo $!").run()
            withExtendedLifetime(lock) {}
            return pid_t(result.output.text.filter(\.isNumber))
        }
        let pid = try #require(sleeper)
        defer { kill(pid, SIGKILL) }
        #expect(HostProcess.isAlive(pid))
        #expect(try FileLock(path: path) != nil)
    }

    /// Whoever only asks holds the lock for a moment, which must not look like a holder.
    @Test func askingKeepsNobodyOut() async throws {
        let path = path
        try directory.write("", to: "lock")
        async let asking: Void = onThread { for _ in 0..<20_000 { _ = FileLock.isHeld(path: path) } }
        let refused = try await onThread { try (0..<5000).count { _ in try FileLock(path: path) == nil } }
        try await asking
        #expect(refused == 0)
    }

    @Test func atMostOneOfManyGetsIt() async throws {
        for round in 0..<20 {
            let path = directory("lock-\(round)")
            let locks = try await withThrowingTaskGroup(of: FileLock?.self) { group in
                for _ in 0..<6 { group.addTask { try await onThread { try FileLock(path: path) } } }
                return try await group.reduce(into: [FileLock]()) { locks, lock in if let lock { locks.append(lock) } }
            }
            #expect(locks.count == 1)
        }
    }

    @Test func contentIsReplaced() throws {
        let lock = try #require(try FileLock(path: path))
        try lock.setContent("a long text of one process\n")
        try lock.setContent("123\n")
        #expect(try directory.text("lock") == "123\n")
        #expect(directory.mode("lock") == 0o600)
    }

    @Test func linkIsNotFollowed() throws {
        try directory.write("precious", to: "target")
        symlink("target", path)
        #expect(throws: SystemError.self) { try FileLock(path: path) }
    }

    @Test func missingDirectoryIsAnError() {
        #expect(throws: SystemError.self) { try FileLock(path: directory("missing/lock")) }
    }

    /// The lock of a program lives as long as the program does, whatever becomes of who started it.
    @Test func lockOfAProgram() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = directory("launch")
            var lock = try FileLock.openLocked(path)
            try #require(lock != nil)
            #expect(FileLock.isHeld(path: path))
            #expect(try FileLock.openLocked(path) == nil)
            let gate = directory("gate")
            mkfifo(gate, 0o600)
            var child = ChildProcess(
                ProcessCommand("/bin/sh", ["-c", "cat; read line <'\(gate)'"]), timeout: patience)
            child.input = lock
            let end = DispatchSemaphore(value: 0)
            WorkerThread.start("program") { [child] in
                _ = try? child.run()
                end.signal()
            }
            let writer = try Descriptor(opening: gate, flags: O_WRONLY)
            lock = nil
            child.input = nil
            #expect(FileLock.isHeld(path: path))
            try writer.write(Array("\n".utf8))
            end.wait()
            try blockUntil("nobody holds it") { !FileLock.isHeld(path: path) }
        }
    }
}
