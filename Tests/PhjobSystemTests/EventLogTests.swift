import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// One event, one line, whatever its values are.
@Suite struct EventLogTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func lines(_ body: (EventLog) throws -> Void) throws -> [Substring] {
        let file = try Descriptor(opening: directory("log"), flags: O_WRONLY | O_CREAT | O_APPEND)
        try body(EventLog(descriptor: file.number))
        let text = try directory.text("log")
        #expect(text.hasSuffix("\n"))
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }

    /// The line without its time.
    private func line(of value: String) throws -> Substring {
        let lines = try lines { $0.info("event", ["key": value]) }
        try #require(lines.count == 1)
        return lines[0].drop { $0 != " " }.dropFirst()
    }

    @Test func lineHasTimeLevelEventAndFields() throws {
        let lines = try lines { log in
            log.info("job-started", ["job": "job-1", "gpus": "0,1"])
            log.warning("w")
            log.error("e", ["why": "no space left"])
        }
        #expect(lines.count == 3)
        let time = try #require(lines.first?.prefix { $0 != " " })
        #expect(time.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z/) != nil)
        #expect(
            lines.map { $0.drop { $0 != " " } } == [
                " info job-started job=job-1 gpus=0,1", " warning w", #" error e why="no space left""#,
            ])
    }

    @Test(arguments: [
        ("plain-1.2/3", "plain-1.2/3"), ("", #""""#), ("a b", #""a b""#), ("a=b", #""a=b""#),
        ("a\"b\\c", #""a\"b\\c""#),
        ("a\nb", #""a\nb""#), ("\r", #""\u000d""#), ("\0", #""\u0000""#), ("\u{1b}[31m", #""\u001b[31m""#),
        ("\u{7f}", #""\u007f""#), ("\u{9b}1m", #""\u009b1m""#), ("\u{2028}", #""\u2028""#), ("\u{85}", #""\u0085""#),
        ("\u{202e}x", #""\u202ex""#), ("\u{2066}x", #""\u2066x""#), ("\u{200f}", #""\u200f""#),
        ("\u{feff}", #""\ufeff""#),
        ("gr\u{fc}n \u{1f680}", "\"gr\u{fc}n \u{1f680}\""),
    ])
    func valueStaysOneWord(_ value: String, _ shown: String) throws {
        #expect(try line(of: value) == "info event key=\(shown)")
    }

    @Test func hostileValuesMakeNoLinesOfTheirOwn() throws {
        var random = SeededGenerator(seed: 7)
        let nasty = "\n\r\0\u{1b}\"\\= \t\u{85}\u{2028}\u{2029}a\u{c}\u{b}"
        for _ in 0..<200 {
            let value = String((0..<20).compactMap { _ in nasty.randomElement(using: &random) })
            try directory.write("", to: "log")
            let text = try line(of: value)
            #expect(!text.contains { $0.isNewline })
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 })
        }
    }

    @Test func linesOfManyThreadsDoNotMix() async throws {
        let file = try Descriptor(opening: directory("log"), flags: O_WRONLY | O_CREAT | O_APPEND)
        let log = EventLog(descriptor: file.number)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    try await onThread {
                        let value = String(repeating: "\(worker)", count: 2000)
                        for _ in 0..<100 { log.info("event", ["value": value]) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let lines = try directory.text("log").split(separator: "\n")
        #expect(lines.count == 400)
        #expect(
            lines.allSatisfy {
                Set($0.suffix(2000)).count == 1 && $0.utf8.count == 24 + " info event value=".utf8.count + 2000
            })
    }

    @Test func closedOutputIsNoError() {
        EventLog(descriptor: -1).info("event")
    }
}
