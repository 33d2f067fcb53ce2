import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobStore

/// Reading a job's log from its files, while they grow and change places.
@Suite struct LogReaderTests {
    private let directory: TemporaryDirectory
    private let layout: JobLayout

    init() throws {
        directory = try TemporaryDirectory()
        layout = JobLayout(root: directory.path)
    }

    private func append(_ lines: String..., to name: String = "log", isPartial: Bool = false) throws {
        var sample = LogSample()
        for line in lines { sample.record(line, isPartial: isPartial) }
        try directory.append(sample.file, to: name)
    }

    /// What podman does when the log has reached its bound.
    private func rotate() throws {
        try directory.write("", to: "new")
        rename(directory("new"), directory("log"))
    }

    private func keepHead() {
        link(directory("log"), directory("log.head"))
    }

    private func text(_ reader: inout LogReader) throws -> String {
        var bytes: [UInt8] = []
        try reader.read { bytes.append(contentsOf: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func last(_ count: Int) throws -> String {
        var reader = LogReader(layout, .init())
        try reader.skip(toLast: count)
        return try text(&reader)
    }

    @Test func nothingThereYet() throws {
        var reader = LogReader(layout, .init())
        #expect(!LogReader.exists(layout))
        try reader.skip(toLast: 5)
        #expect(try text(&reader) == "")
        try append("one")
        #expect(LogReader.exists(layout))
        #expect(try text(&reader) == "one\n")
    }

    @Test func partsComeInTheirOrder() throws {
        try append("pulling", to: "log.preparation")
        try append("one", "two")
        keepHead()
        var reader = LogReader(layout, .init())
        #expect(try text(&reader) == "pulling\none\ntwo\n")
        #expect(try text(&reader) == "")
    }

    @Test func growingFilesAreReadOn() throws {
        var reader = LogReader(layout, .init())
        try append("pulling", to: "log.preparation")
        #expect(try text(&reader) == "pulling\n")
        try append("pulled", to: "log.preparation")
        #expect(try text(&reader) == "pulled\n")
        try append("last word", to: "log.preparation")
        try append("one")
        #expect(try text(&reader) == "last word\none\n")
        keepHead()
        try append("two")
        #expect(try text(&reader) == "two\n")
        try append("half", isPartial: true)
        #expect(try text(&reader) == "half")
        try append(" and half")
        #expect(try text(&reader) == " and half\n")
    }

    @Test func recordWrittenInPiecesAppearsWhenItIsWhole() throws {
        var sample = LogSample()
        sample.record("one")
        sample.record("two")
        var reader = LogReader(layout, .init())
        var result = ""
        for byte in sample.file {
            try directory.append([byte], to: "log")
            result += try text(&reader)
        }
        #expect(result == "one\ntwo\n")
        try reader.finish { _ in Issue.record("nothing is left") }
    }

    @Test func tornRecordAppearsAtTheEnd() throws {
        try append("one")
        try directory.append(Array("\(LogSample.time(1)) stdout F tw".utf8), to: "log")
        var reader = LogReader(layout, .init())
        #expect(try text(&reader) == "one\n")
        var rest: [UInt8] = []
        try reader.finish { rest.append(contentsOf: $0) }
        #expect(rest == Array("tw".utf8))
    }

    @Test func fileThatWasReplacedBeforeReading() throws {
        try append("pulling", to: "log.preparation")
        try append("one", "two")
        keepHead()
        try rotate()
        try append("nine", "ten")
        var reader = LogReader(layout, .init())
        #expect(try text(&reader) == "pulling\none\ntwo\nnine\nten\n")
        try append("eleven")
        #expect(try text(&reader) == "eleven\n")
    }

    /// Nothing of the old file is lost, also what came after the reader had last looked.
    @Test func fileThatIsReplacedWhileReading() throws {
        try append("one")
        keepHead()
        var reader = LogReader(layout, .init())
        #expect(try text(&reader) == "one\n")
        for round in 0..<3 {
            try append("before \(round)")
            try rotate()
            try append("after \(round)")
            #expect(try text(&reader) == "before \(round)\nafter \(round)\n")
        }
    }

    /// The engine writes a last line and replaces the file at once, while the reader is anywhere between two looks.
    @Test func nothingIsLostHoweverTheReplacementFalls() async throws {
        let (directory, layout) = (directory, layout)
        let seen = Mutex((lines: 0, reads: 0))
        let rounds = 30
        try directory.write("", to: "log")
        keepHead()
        async let writing: Void = onThread {
            for round in 1...rounds {
                var sample = LogSample()
                sample.record("line \(round)")
                try directory.append(sample.file, to: "log")
                try directory.write("", to: "new")
                rename(directory("new"), directory("log"))
                // Of two replacements between two looks the reader can know the last one only.
                let reads = seen.withLock(\.reads)
                try blockUntil("the reader has seen both") {
                    seen.withLock { $0.lines == round && (round == rounds || $0.reads >= reads + 2) }
                }
            }
        }
        let text = try await onThread {
            var reader = LogReader(layout, .init())
            var text = ""
            let deadline = Monotonic.now.adding(seconds: patience)
            while seen.withLock(\.lines) < rounds, Monotonic.now < deadline {
                try reader.read { text += String(decoding: $0, as: UTF8.self) }
                let lines = text.utf8.count { $0 == UInt8(ascii: "\n") }
                seen.withLock { $0 = (lines, $0.reads + 1) }
            }
            return text
        }
        try await writing
        #expect(text == (1...rounds).map { "line \($0)\n" }.joined())
    }

    /// A line that goes on in the next file is put together.
    @Test func fileThatIsReplacedAfterAPart() throws {
        try append("one", "half", isPartial: true)
        keepHead()
        try rotate()
        try append("ten")
        var reader = LogReader(layout, .init())
        #expect(try text(&reader) == "onehalften\n")
    }

    @Test func fileThatIsReplacedAfterATornRecord() throws {
        try append("one")
        try directory.append(Array("\(LogSample.time(1)) stdout F tw".utf8), to: "log")
        keepHead()
        try rotate()
        try append("ten")
        var reader = LogReader(layout, .init())
        #expect(try text(&reader) == "one\ntw\nten\n")
    }

    @Test func fileWithoutAKeptHead() throws {
        try append("one")
        try rotate()
        try append("ten")
        var reader = LogReader(layout, .init())
        #expect(try text(&reader) == "ten\n")
    }

    @Test func timesAndSince() throws {
        try append("one", "two")
        var reader = LogReader(layout, .init(timestamps: true, since: Timestamp(LogSample.time(1))))
        #expect(try text(&reader) == "\(LogSample.time(1)) two\n")
    }

    /// What it takes to find the lines that are wanted does not grow with the log.
    @Test(
        arguments: [
            (nil, 119_990, 10), (10, nil, 10), (10, 119_995, 5), (1_000_000_000, 119_990, 10), (20, 119_900, 20),
        ] as [(Int?, Int?, Int)])
    func littleIsReadToFindTheLast(_ tail: Int?, _ since: Int?, _ expected: Int) throws {
        var sample = LogSample()
        for number in 0..<120_000 { sample.record("line \(number)") }
        try directory.append(sample.file, to: "log")
        var searched = 0
        var reader = LogReader(
            layout, .init(since: since.flatMap { Timestamp(LogSample.time($0)) }), beforeRead: { searched += $0 })
        try reader.skip(toLast: tail)
        // Of times that may be out of order by a minute, half of this log is.
        #expect(searched < 3 << 20, "\(searched) of \(sample.file.count)")
        #expect(try text(&reader).split(separator: "\n").count == expected)
    }

    @Test func moreLinesThanThereCanBeAreNotCounted() throws {
        for _ in 0..<1000 { try append("x") }
        var searched = 0
        var reader = LogReader(layout, .init(), beforeRead: { searched += $0 })
        try reader.skip(toLast: 1_000_000_000)
        #expect(searched == 0)
        #expect(try text(&reader) == String(repeating: "x\n", count: 1000))
    }

    @Test func whoIsGoneEndsTheSearchAndTheReading() throws {
        struct Gone: Error {}
        try append("one", "two")
        var reader = LogReader(layout, .init(), beforeRead: { _ in throw Gone() })
        #expect(throws: Gone.self) { try reader.skip(toLast: 1) }
        #expect(throws: Gone.self) { _ = try text(&reader) }
    }

    @Test func sinceAcrossParts() throws {
        let record = { (hour: Int, text: String) in
            Array("2026-11-21T0\(hour):00:00.000000001+00:00 stdout F \(text)\n".utf8)
        }
        try directory.append(record(0, "p1"), to: "log.preparation")
        try directory.append(record(1, "h1") + record(2, "h2"), to: "log")
        keepHead()
        try rotate()
        try directory.append(record(3, "n1") + record(4, "n2"), to: "log")
        for (hour, expected) in [(1, "h1\nh2\nn1\nn2\n"), (2, "h2\nn1\nn2\n"), (3, "n1\nn2\n"), (4, "n2\n"), (5, "")] {
            var reader = LogReader(layout, .init(since: Timestamp("2026-11-21T0\(hour):00:00Z")))
            try reader.skip()
            #expect(try text(&reader) == expected)
        }
    }

    @Test func linkIsNotFollowed() throws {
        try append("secret", to: "outside")
        symlink("outside", directory("log"))
        var reader = LogReader(layout, .init())
        #expect(try text(&reader) == "")
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7, 100])
    func lastLinesAcrossParts(_ count: Int) throws {
        try append("p1", "p2", to: "log.preparation")
        try append("h1", "h2", "h3")
        #expect(try last(count) == ["p1", "p2", "h1", "h2", "h3"].suffix(count).map { $0 + "\n" }.joined())
        keepHead()
        #expect(try last(count) == ["p1", "p2", "h1", "h2", "h3"].suffix(count).map { $0 + "\n" }.joined())
        try rotate()
        try append("n1", "n2")
        let lines = ["p1", "p2", "h1", "h2", "h3", "n1", "n2"].suffix(count).map { $0 + "\n" }
        #expect(try last(count) == lines.joined())
    }

    @Test func lastLinesWithParts() throws {
        try append("p1", to: "log.preparation")
        try append("a", "b", isPartial: true)
        try append("c", "one", "two")
        try append("$ ", isPartial: true)
        #expect(try last(1) == "$ ")
        #expect(try last(3) == "one\ntwo\n$ ")
        #expect(try last(4) == "abc\none\ntwo\n$ ")
        #expect(try last(5) == "p1\nabc\none\ntwo\n$ ")
    }

    @Test func afterTheLastLinesComesWhatIsNew() throws {
        for part in ["log.preparation", "log"] {
            try append("old", "older", to: part)
            for count in 0...2 {
                var reader = LogReader(layout, .init())
                try reader.skip(toLast: count)
                #expect(try text(&reader) == ["old\n", "older\n"].suffix(count).joined())
                try append("new \(count)", to: part)
                #expect(try text(&reader) == "new \(count)\n")
                try directory.write([], to: part)
                try append("old", "older", to: part)
            }
        }
    }

    /// In a process of its own, as memory is counted by process.
    @Test func greatLogTakesLittleMemory() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let line = Array("\(LogSample.time(0)) stdout F ".utf8) + [UInt8](repeating: 0x78, count: 8000) + [0x0a]
            let block = Array(repeatElement(line, count: 125).joined())
            for _ in 0..<200 { try directory.append(block, to: "log") }
            var reader = LogReader(JobLayout(root: directory.path), .init())
            let start = Monotonic.now
            var count = 0
            try reader.read { count += $0.count }
            let seconds = Double(Monotonic.now.nanoseconds - start.nanoseconds) / 1e9
            #expect(count == 200 * 125 * 8001)
            #expect(try HostProcess.peakMemory() < 100 << 20)
            print("read \(count >> 20) MiB of log in \(seconds) s")
        }
    }
}
