import Glibc
import PhjobTestSupport
import Testing

@testable import PhjobSystem

/// Who holds a lock is what the kernel says, not what the file does.
struct FileLockHolderTests {
    private static let table = """
        1: POSIX  ADVISORY  WRITE 3231 fe:00:500 1073741824 1073742335
        2: FLOCK  ADVISORY  WRITE 3232 fe:00:500 0 EOF
        2: -> FLOCK  ADVISORY  WRITE 3233 fe:00:500 0 EOF
        3: FLOCK  ADVISORY  READ 3234 fe:00:500 0 EOF
        4: FLOCK  ADVISORY  WRITE 0 fe:00:500 0 EOF
        5: OFDLCK ADVISORY  WRITE -1 fe:00:500 0 EOF
        6: FLOCK  ADVISORY  WRITE 3235 fe:01:500 0 EOF
        7: FLOCK  ADVISORY  WRITE 3236 fe:00:501 0 EOF
        8: FLOCK
        """

    @Test func tableOfLocks() {
        #expect(FileLock.holders(in: Self.table, inode: 500) == [3232, 3235])
        #expect(FileLock.holders(in: Self.table, inode: 501) == [3236])
        #expect(FileLock.holders(in: Self.table, inode: 50).isEmpty && FileLock.holders(in: "", inode: 500).isEmpty)
    }

    @Test func holderIsTheProcessThatTookIt() throws {
        let directory = try TemporaryDirectory()
        let path = directory("lock")
        #expect(FileLock.holder(path: path) == nil)
        let lock = try #require(try FileLock(path: path))
        try lock.setContent(#"{"pid":1}"#)
        #expect(FileLock.holder(path: path) == getpid())
        // This process signals others only.
        #expect(FileLock.signalHolder(of: path, SIGKILL) == nil)
        try directory.write(#"{"pid":1}"#, to: "free")
        #expect(FileLock.holder(path: directory("free")) == nil)
        #expect(FileLock.signalHolder(of: directory("free"), SIGKILL) == nil)
        withExtendedLifetime(lock) {}
    }

    @Test func theHolderIsSignalled() async throws {
        let directory = try TemporaryDirectory()
        let path = directory("lock")
        try await onThread {
            let command = ProcessCommand(
                "/usr/bin/flock", ["-F", path, "sleep", "3600"], environment: ["PATH": "/usr/bin:/bin"])
            let holder = try ReapedProcess(command, log: directory("log"))
            defer { holder.signal(SIGKILL) }
            try blockUntil("the lock is held") { FileLock.holder(path: path) == holder.pid }
            #expect(FileLock.signalHolder(of: path, SIGTERM) == holder.pid)
            #expect(try holder.waitForEnd("it has ended") == 128 + SIGTERM)
            #expect(FileLock.holder(path: path) == nil && !FileLock.isHeld(path: path))
        }
    }
}
