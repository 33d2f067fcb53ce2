import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

/// What a user can write into the audit, however hard they try.
struct AuditBoundTests {
    private static func entry(
        _ answer: String = "ok", uid: UInt32 = 1000, job: String = "job-1", message: String? = nil,
        at seconds: Int64 = 0
    ) -> AuditLog.Entry {
        AuditLog.Entry(
            time: Timestamp(milliseconds: 1_795_251_600_125).adding(seconds: seconds), uid: uid, user: "ana", pid: 42,
            action: "cancel", job: job, answer: answer, message: message)
    }

    @Test(arguments: ["\u{202e}", "\u{1b}", "a\u{301}\u{301}", "\u{10ffff}", "\"", "x"])
    func aLineIsAtMost4KiB(_ text: String) throws {
        let long = String(repeating: text, count: 1_400_000)
        var entry = Self.entry("NotFound", job: long, message: long)
        (entry.detail, entry.user, entry.count, entry.leftOut) = (long, long, .max, .max)
        let line = AuditLine.bytes(of: entry)
        #expect(line.count <= AuditLine.longest && line.last == UInt8(ascii: "\n"))
        let value = try JSONBody.decode([String: JSONValue].self, from: line)
        #expect(value["answer"] == .string("NotFound") && value["uid"] == .integer(1000))
        guard case .string(let message)? = value["message"] else { throw Failure(description: "\(value)") }
        #expect(message.hasSuffix("…") && message.hasPrefix(text))
    }

    @Test func whatIsShortIsWhole() throws {
        let message = String(repeating: "m", count: 1000)
        let value = try JSONBody.decode(
            [String: JSONValue].self, from: AuditLine.bytes(of: Self.entry("Conflict", message: message)))
        #expect(value["message"] == .string(message) && value["job"] == .string("job-1"))
    }

    @Test func eachUserHasTwoSharesADay() {
        var budget = AuditBudget(bytesPerShare: 1000)
        func take(_ uid: UInt32 = 1, refusal: Bool = false) -> AuditBudget.Verdict {
            budget.take(uid: uid, user: "u\(uid)", isRefusal: refusal, bytes: 400)
        }
        let time = Timestamp(milliseconds: 86_400_000 * 20_000)
        #expect(budget.beginDay(of: time).isEmpty)
        #expect((0..<5).map { _ in take(refusal: true) } == [.write, .write, .announce, .count, .count])
        // Refusals take no room from what is done, nor one user from another.
        #expect((0..<3).map { _ in take() } == [.write, .write, .announce] && take(2) == .write)
        #expect(budget.beginDay(of: time.adding(seconds: 86_399)).isEmpty)
        let rest = [AuditBudget.Uncounted(uid: 1, user: "u1", count: 4)]
        #expect(budget.beginDay(of: time.adding(seconds: 86_400)) == rest)
        #expect(take() == .write && budget.finish().isEmpty)
    }

    @Test func theFileOfADayIsBoundedAndSaysSo() throws {
        let directory = try TemporaryDirectory()
        let output = try Descriptor(opening: directory("log"), flags: O_CREAT | O_WRONLY)
        let log = EventLog(descriptor: output.number)
        let audit = AuditLog(path: directory("audit"), log: log, budget: AuditBudget(bytesPerShare: 2000))
        for number in 0..<1000 { audit.append(Self.entry(job: "job-\(number)")) }
        audit.append(Self.entry(uid: 1001))
        let lines = try directory.text("audit").split(separator: "\n")
        let announced = lines.filter { $0.contains("audit-limit") }
        #expect(announced.count == 1 && announced[0].contains("only counted until the day (UTC) is over"))
        #expect(try directory.read("audit").count < 4000 && lines.last?.contains(#""uid":1001"#) == true)
        log.flush(within: patience)
        #expect(try directory.text("log").split(separator: "\n").count { $0.contains("audit-limit-reached") } == 1)
        // The next day begins with what was left out, and has room again.
        audit.append(Self.entry(at: 86_400))
        let next = try directory.text("audit").split(separator: "\n").suffix(2)
        #expect(next.first?.contains(#""leftOut":\#(1000 - (lines.count - 2))"#) == true, "\(next)")
        #expect(next.last?.contains(#""job":"job-1""#) == true)
    }
}
