import Glibc
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

/// Finding the last lines from the end, against reading everything.
@Suite struct LogTailTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// The last `count` lines by ``LogTail``, and how many it says they are.
    private func tail(_ count: Int, of bytes: [UInt8]) throws -> (text: [UInt8], lines: Int) {
        try directory.write(bytes, to: "log")
        let file = try Descriptor(opening: directory("log"), flags: O_RDONLY)
        let (offset, lines) = try LogTail.position(ofLast: count, in: file)
        return (LogRenderer.render(Array(bytes[Int(offset)...])), lines)
    }

    private func expectTail(_ count: Int, of sample: LogSample, _ comment: Comment) throws {
        let lines = LogSample.lines(sample.printed)
        let result = try tail(count, of: sample.file)
        #expect(result.lines == min(count, lines.count), comment)
        #expect(result.text == Array(lines.suffix(count).joined()), comment)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func sameAsReadingEverything(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let sample = LogSample(records: Int.random(in: 0...60, using: &random), garbage: seed % 2 == 1, using: &random)
        for count in [0, 1, 2, 3, 7, 20, 59, 60, 61, 1000] {
            try expectTail(count, of: sample, "seed \(seed), last \(count)")
        }
    }

    /// Records that are longer than the blocks that are read.
    @Test func longRecords() throws {
        var sample = LogSample()
        for number in 0..<6 {
            sample.record(String(repeating: "\(number)", count: 70_000), isPartial: number % 3 == 1)
            sample.record("short \(number)")
        }
        for count in 0...12 { try expectTail(count, of: sample, "last \(count)") }
    }

    /// Every place of a line's end relative to the blocks.
    @Test func linesAtTheBordersOfBlocks() throws {
        for shift in stride(from: 0, to: 60, by: 7) {
            var sample = LogSample()
            sample.record(String(repeating: "x", count: shift))
            for number in 0..<2200 { sample.record("\(number)") }
            for count in [1, 2200, 2201, 1500, 1480 + shift] {
                try expectTail(count, of: sample, "shift \(shift), last \(count)")
            }
        }
    }

    @Test func tornTailIsALine() throws {
        var sample = LogSample()
        sample.record("one")
        sample.record("two")
        let torn = sample.file + Array("\(LogSample.time(2)) stdout F thr".utf8)
        #expect(try tail(1, of: torn).text == Array("thr".utf8))
        #expect(try tail(2, of: torn).text == Array("two\nthr".utf8))
        let nothing = sample.file + Array("2026-11-21T07".utf8)
        #expect(try tail(1, of: nothing).text == Array("two\n".utf8))
    }

    @Test func emptyFile() throws {
        #expect(try tail(5, of: []) == ([], 0))
        #expect(try tail(0, of: []) == ([], 0))
    }
}
