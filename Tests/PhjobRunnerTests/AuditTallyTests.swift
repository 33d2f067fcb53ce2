import PhjobCore
import Testing

@testable import PhjobRunner

/// What of the audit is a line of its own, and what only counts.
struct AuditTallyTests {
    private static func entry(
        _ action: String, _ job: String? = "job-1", detail: String? = nil, uid: UInt32 = 1000, at seconds: Int64 = 0
    ) -> AuditLog.Entry {
        AuditLog.Entry(
            time: Timestamp(milliseconds: 1_795_251_600_125).adding(seconds: seconds), uid: uid, user: "ana", pid: 42,
            action: action, job: job, detail: detail, answer: "ok", message: nil)
    }

    @Test func whatHappensForTheFirstTimeIsALine() {
        var tally = AuditTally()
        let entries = [
            Self.entry("read-log"), Self.entry("cancel"), Self.entry("read-log", "job-2"),
            Self.entry("read-log", uid: 1001), Self.entry("try", nil), Self.entry("drain", nil, detail: "a"),
        ]
        for entry in entries { #expect(tally.take(entry) == [entry]) }
        #expect(!tally.isOwing && tally.finish().isEmpty)
    }

    /// In whatever order they come: who takes turns with two jobs gets no more lines.
    @Test func repeatsOnlyCount() {
        var tally = AuditTally()
        for second in 0..<60 {
            for job in ["job-1", "job-2"] {
                let lines = tally.take(Self.entry("read-log", job, at: Int64(second)))
                #expect(lines.count == (second == 0 ? 1 : 0))
            }
        }
        #expect(tally.isOwing)
        let lines = tally.take(Self.entry("read-log", "job-1", at: 60))
        #expect(lines.map(\.count) == [59, 59, nil])
        #expect(lines.map(\.time.milliseconds).suffix(1) == [Self.entry("", at: 60).time.milliseconds])
        #expect(lines.prefix(2).allSatisfy { $0.time == Self.entry("", at: 59).time })
        #expect(!tally.isOwing && tally.finish().isEmpty)
    }

    /// What was changed is told, with what it was changed to, before the next change.
    @Test func whatDiffersIsALineUpToABound() {
        var tally = AuditTally()
        let (hold, release) = (Self.entry("set", detail: "hold"), Self.entry("set", detail: "release"))
        #expect(tally.take(hold) == [hold])
        #expect(tally.take(hold).isEmpty && tally.take(hold).isEmpty)
        var counted = hold
        counted.count = 2
        #expect(tally.take(release) == [counted, release])
        var lines = 0
        for _ in 0..<1000 { lines += tally.take(hold).count + tally.take(release).count }
        #expect(lines == AuditTally.linesAtOnce - 2)
        let last = tally.finish()
        #expect(last.map(\.count) == [2000 - lines] && last.map(\.detail) == ["release"])
    }

    @Test func clockThatWasSetBackBeginsAnew() {
        var tally = AuditTally()
        let entry = Self.entry("cancel")
        #expect(tally.take(entry) == [entry] && tally.take(entry).isEmpty)
        let earlier = Self.entry("cancel", at: -3600)
        #expect(tally.take(earlier).map(\.count) == [1, nil])
    }
}
