import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

struct AuditLogTests {
    private static func entry(_ answer: String = "ok", uid: UInt32 = 1000, at seconds: Int64 = 0) -> AuditLog.Entry {
        AuditLog.Entry(
            time: Timestamp(milliseconds: 1_795_251_600_125).adding(seconds: seconds), uid: uid, user: "ana", pid: 42,
            action: "cancel", job: "job-202611211000-a1b2c3", detail: "a \"quoted\"\nword\u{1b}[2J", answer: answer,
            message: nil)
    }

    @Test func oneLineAnEntryAndOnlyAppended() throws {
        let directory = try TemporaryDirectory()
        let audit = AuditLog(path: directory("audit"), log: EventLog(descriptor: -1))
        audit.append(Self.entry())
        // As logrotate does.
        try #require(rename(directory("audit"), directory("audit.1")) == 0)
        for number in 0..<3 { audit.append(Self.entry(at: Int64(number))) }
        #expect(try directory.text("audit.1").split(separator: "\n").count == 1)
        let lines = try directory.text("audit").split(separator: "\n")
        #expect(lines.count == 3 && directory.mode("audit") == 0o600)
        let value = try JSONBody.decode([String: JSONValue].self, from: Array(lines[0].utf8))
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
}
