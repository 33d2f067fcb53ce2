import Glibc
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

/// Writing down what `docker logs --timestamps` prints, over interruptions.
@Suite struct EngineLogCollectorTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A message as the engine keeps it; all pieces of a long line have its time.
    private struct Message {
        let time: String
        let bytes: [UInt8]
    }

    /// Lines as the engine keeps them: cut after 16,384 bytes, each with its line feed except perhaps the last.
    private func messages(_ lines: [[UInt8]], endsLine: Bool = true) -> [Message] {
        lines.enumerated().flatMap { number, line -> [Message] in
            let digits = String(String(1_000_000_000 + number * 1_234_567).suffix(9))
            let time = "2026-11-21T07:27:33.\(digits)Z"
            var rest = line[...]
            var result: [Message] = []
            while rest.count >= 16384 {
                result.append(Message(time: time, bytes: Array(rest.prefix(16384))))
                rest = rest.dropFirst(16384)
            }
            let isLast = number == lines.count - 1 && !endsLine
            if !isLast || !rest.isEmpty { result.append(Message(time: time, bytes: rest + (isLast ? [] : [0x0a]))) }
            return result
        }
    }

    /// What the client prints of them, beginning with those of the time `since`.
    private func printed(_ messages: [Message], since: String? = nil) -> [UInt8] {
        messages.filter { $0.time >= since ?? "" }.flatMap { Array("\($0.time) ".utf8) + $0.bytes }
    }

    private func collect(_ bytes: some Collection<UInt8>, piece: Int = .max, finishing: Bool = true) throws {
        var collector = try EngineLogCollector(path: directory("log"))
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            try rest.prefix(piece).withUnsafeBytes { try collector.append($0) }
            rest = rest.dropFirst(piece)
        }
        if finishing { try collector.finish() }
    }

    /// Asks for the rest, as the runner does after an interruption.
    private func resume(_ messages: [Message], piece: Int = 5000) throws {
        let since = try EngineLogCollector(path: directory("log")).lastTime
        try collect(printed(messages, since: since), piece: piece)
    }

    private func shown() throws -> [UInt8] {
        LogRenderer.render(try directory.read("log"))
    }

    private let mixed: [[UInt8]] = [
        Array("first".utf8), [], [0, 0xff, 0x0d, 0x1b], [UInt8](repeating: 0x61, count: 50_000), Array("between".utf8),
        [UInt8](repeating: 0x62, count: 16384), [UInt8](repeating: 0x63, count: 16383),
        [UInt8](repeating: 0x64, count: 16385),
        [UInt8](repeating: 0x65, count: 32768), Array("last".utf8),
    ]

    @Test func plainLines() throws {
        let lines = ["one", "two words", ""].map { Array($0.utf8) }
        try collect(printed(messages(lines)))
        #expect(try shown() == Array("one\ntwo words\n\n".utf8))
        let file = try directory.text("log")
        #expect(file.split(separator: "\n").first == "2026-11-21T07:27:33.000000000Z stdout F one")
        #expect(directory.mode("log") == 0o600)
    }

    @Test(arguments: [1, 7, 4096, 16384, 16415, 65536, .max])
    func everyKindOfLineInPiecesOfAnySize(_ piece: Int) throws {
        try collect(printed(messages(mixed)), piece: piece)
        #expect(try shown() == Array(mixed.map { $0 + [0x0a] }.joined()))
    }

    @Test(arguments: ["$ ", "", String(repeating: "x", count: 16384), String(repeating: "x", count: 20_000)])
    func lastLineWithoutALineFeed(_ last: String) throws {
        let lines = [Array("one".utf8), Array(last.utf8)]
        try collect(printed(messages(lines, endsLine: false)))
        #expect(try shown() == Array("one\n\(last)".utf8))
    }

    @Test func nothingIsSaidTwiceAfterTheEnd() throws {
        let all = messages(mixed)
        try collect(printed(all))
        let before = try directory.read("log")
        for _ in 0..<3 { try resume(all) }
        #expect(try directory.read("log") == before)
    }

    /// The client was killed after any of its bytes; the end of each piece, where it matters most, and others by lot.
    @Test func interruptedClient() throws {
        let all = messages(mixed)
        let stream = printed(all)
        try collect(stream)
        let whole = try directory.read("log")
        for cut in cuts(in: stream, marks: all.map { $0.bytes.count + 31 }) {
            unlink(directory("log"))
            try collect(stream[..<cut], finishing: false)
            try resume(all)
            #expect(try directory.read("log") == whole, "cut after \(cut) bytes")
        }
    }

    /// The runner was killed, or the disk was full, in the middle of any record.
    @Test func tornFile() throws {
        let all = messages(mixed)
        try collect(printed(all))
        let whole = try directory.read("log")
        let records = whole.split(separator: 0x0a, omittingEmptySubsequences: false).dropLast()
        for cut in cuts(in: whole, marks: records.map { $0.count + 1 }) {
            try directory.write(Array(whole[..<cut]), to: "log")
            try resume(all)
            #expect(try directory.read("log") == whole, "torn after \(cut) bytes")
        }
    }

    private func cuts(in bytes: [UInt8], marks: [Int]) -> [Int] {
        var random = SeededGenerator(seed: 11)
        var end = 0
        var cuts = Set((0..<40).map { _ in Int.random(in: 0...bytes.count, using: &random) })
        for mark in marks {
            end += mark
            cuts.formUnion(
                [-31, -2, -1, 0, 1, 10, 30, 31, 32, 40].map { end + $0 }.filter { (0...bytes.count).contains($0) })
        }
        return cuts.sorted()
    }

    /// The engine goes on printing while it is asked again and again.
    @Test func manyInterruptions() throws {
        var random = SeededGenerator(seed: 12)
        let lines = (0..<300).map { number in Array(repeatElement("\(number) ", count: number % 7).joined().utf8) }
        let all = messages(lines)
        for known in stride(from: 0, through: all.count, by: 13) {
            let since = try EngineLogCollector(path: directory("log")).lastTime
            let stream = printed(Array(all.prefix(known)), since: since)
            try collect(stream.prefix(Int.random(in: 0...stream.count, using: &random)), finishing: false)
        }
        try resume(all)
        #expect(try shown() == Array(lines.map { $0 + [0x0a] }.joined()))
    }

    /// Two streams are stamped side by side: a line may be a little older than the one before it.
    @Test func timesThatStepBack() throws {
        let times = [
            "2026-11-21T07:27:33.000000001Z", "2026-11-21T07:27:33.000000005Z", "2026-11-21T07:27:33.000000004Z",
        ]
        let all = times.map { Message(time: $0, bytes: Array("\($0.suffix(2))\n".utf8)) }
        try collect(printed(all))
        let whole = try directory.read("log")
        try resume(all)
        #expect(try directory.read("log") == whole)
    }

    @Test func wordsOfTheClientAreNoLines() throws {
        let lines = [Array("one".utf8), Array("two".utf8)]
        let noise = Array("error from daemon in stream: Error grabbing logs: unexpected EOF\n".utf8)
        let all = messages(lines)
        try collect(noise + printed([all[0]]) + noise)
        try resume(all)
        #expect(try shown() == Array("one\ntwo\n".utf8))
    }

    @Test func lastTimeIsThatOfTheLastRecord() throws {
        #expect(try EngineLogCollector(path: directory("log")).lastTime == nil)
        let all = messages(mixed)
        try collect(printed(all))
        #expect(try EngineLogCollector(path: directory("log")).lastTime == all.last?.time)
    }

    @Test func linkIsNotFollowed() throws {
        try directory.write("precious", to: "outside")
        symlink("outside", directory("log"))
        #expect(throws: SystemError.self) { try EngineLogCollector(path: directory("log")) }
        #expect(try directory.text("outside") == "precious")
    }
}
