import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

struct AuditLogTests {
    private static func entry(
        _ answer: String = "ok", uid: UInt32 = 1000, job: String = "job-202611211000-a1b2c3", at seconds: Int64 = 0
    ) -> AuditLog.Entry {
        AuditLog.Entry(
            time: Timestamp(milliseconds: 1_795_251_600_125).adding(seconds: seconds), uid: uid, user: "ana", pid: 42,
            action: "cancel", job: job, detail: "a \"quoted\"\nword\u{1b}[2J", answer: answer, message: nil)
    }

    private static func values(_ line: Substring) throws -> [String: JSONValue] {
        try JSONBody.decode([String: JSONValue].self, from: Array(line.utf8))
    }

    @Test func oneLineAnEntryAndOnlyAppended() throws {
        let directory = try TemporaryDirectory()
        let audit = AuditLog(path: directory("audit"), log: EventLog(descriptor: -1))
        audit.append(Self.entry())
        // As logrotate does.
        try #require(rename(directory("audit"), directory("audit.1")) == 0)
        for number in 0..<3 { audit.append(Self.entry(job: "job-\(number)")) }
        #expect(try directory.text("audit.1").split(separator: "\n").count == 1)
        let lines = try directory.text("audit").split(separator: "\n")
        #expect(lines.count == 3 && directory.mode("audit") == 0o600)
        let value = try Self.values(lines[0])
        #expect(value["user"] == .string("ana") && value["uid"] == .integer(1000) && value["answer"] == .string("ok"))
        #expect(value["detail"] == .string("a \"quoted\"\nword\u{1b}[2J") && value["message"] == nil)
        #expect(!lines[0].unicodeScalars.contains { $0.value < 0x20 })
    }

    /// Who guesses ids all day does not fill the disk, and what was done is written down all the same.
    @Test func refusalsAreBounded() throws {
        let directory = try TemporaryDirectory()
        let audit = AuditLog(path: directory("audit"), log: EventLog(descriptor: -1))
        for _ in 0..<1000 { audit.append(Self.entry("NotFound")) }
        audit.append(Self.entry("NotFound", uid: 1001))
        audit.append(Self.entry())
        audit.append(Self.entry("NotFound", at: 61))
        let lines = try directory.text("audit").split(separator: "\n")
        #expect(lines.count == AuditLog.refusalsPerMinute + 3)
        let last = try JSONBody.decode([String: JSONValue].self, from: Array(try #require(lines.last).utf8))
        #expect(last["leftOut"] == .integer(Int64(1000 - AuditLog.refusalsPerMinute)))
    }

    @Test func aLinkInItsPlaceIsNotFollowed() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "elsewhere")
        try #require(symlink(directory("elsewhere"), directory("audit")) == 0)
        AuditLog(path: directory("audit"), log: EventLog(descriptor: -1)).append(Self.entry())
        #expect(try directory.text("elsewhere").isEmpty)
    }

    @Test func repeatsAreOneLineWhenTheirMinuteIsOver() throws {
        let directory = try TemporaryDirectory()
        let audit = AuditLog(path: directory("audit"), log: EventLog(descriptor: -1))
        for number in 0..<1000 { audit.append(Self.entry(at: Int64(number % 60))) }
        #expect(try directory.text("audit").split(separator: "\n").count == 1)
        audit.append(Self.entry(job: "job-other", at: 60))
        var lines = try directory.text("audit").split(separator: "\n")
        #expect(lines.count == 3)
        #expect(try Self.values(lines[0])["count"] == nil && Self.values(lines[1])["count"] == .integer(999))
        // Also those that nothing comes after.
        audit.append(Self.entry(job: "job-other", at: 61))
        audit.finish()
        lines = try directory.text("audit").split(separator: "\n")
        #expect(try lines.count == 4 && Self.values(lines[3])["count"] == .integer(1))
    }

    @Test func countsAreWrittenByTheClockIfNothingComes() async throws {
        let directory = try TemporaryDirectory()
        let loop = try EventLoop()
        let audit = AuditLog(path: directory("audit"), log: EventLog(descriptor: -1), loop: loop, period: 0.1)
        let end = Waiter { try loop.run() }
        for _ in 0..<3 { audit.append(Self.entry()) }
        try await eventually("the count is written") { try directory.text("audit").contains(#""count":2"#) }
        loop.stop()
        try await onThread { try end.get() }
    }

    /// A disk that was full may have taken a part of a line.
    @Test func aLineAfterATornOneCanBeRead() throws {
        let directory = try TemporaryDirectory()
        try directory.write(#"{"action":"canc"#, to: "audit")
        let audit = AuditLog(path: directory("audit"), log: EventLog(descriptor: -1))
        audit.append(Self.entry())
        audit.append(Self.entry(uid: 1001))
        let lines = try directory.text("audit").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4 && lines[3].isEmpty)
        #expect(try Self.values(lines[1])["uid"] == .integer(1000) && Self.values(lines[2])["uid"] == .integer(1001))
    }

    @Test func whatCannotBeWrittenIsInTheRunnersLog() throws {
        let directory = try TemporaryDirectory()
        let output = try Descriptor(opening: directory("log"), flags: O_CREAT | O_WRONLY)
        let log = EventLog(descriptor: output.number)
        AuditLog(path: directory("none/audit"), log: log).append(Self.entry())
        log.flush(within: patience)
        let text = try directory.text("log")
        #expect(text.contains("audit-not-written") && text.contains(#"\"job\":\"job-202611211000-a1b2c3\""#), "\(text)")
        #expect(text.contains(#"\"answer\":\"ok\""#) && text.contains(#"\"uid\":1000"#))
    }
}
