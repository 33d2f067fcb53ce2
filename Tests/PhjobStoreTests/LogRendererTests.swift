import PhjobCore
import PhjobStore
import PhjobTestSupport
import Testing

/// Turning records back into what the job printed.
@Suite struct LogRendererTests {
    private func text(_ records: String, _ options: LogRenderer.Options = .init()) -> String {
        String(decoding: LogRenderer.render(Array(records.utf8), options), as: UTF8.self)
    }

    private let first = "2026-11-21T07:27:33.100000000Z"
    private let second = "2026-11-21T07:27:34.200000000Z"

    @Test func linesAndPartsOfLines() {
        #expect(text("\(first) stdout F one\n\(first) stderr F two\n") == "one\ntwo\n")
        #expect(text("\(first) stdout P one\n\(first) stdout P -two\n\(first) stdout F -three\n") == "one-two-three\n")
        #expect(text("\(first) stdout P one\n\(first) stdout F \n") == "one\n")
        #expect(text("\(first) stdout P one\n\(first) stdout F\n") == "one\n")
        #expect(text("\(first) stdout F \n\(first) stdout F \n") == "\n\n")
    }

    @Test func lastLineWithoutALineFeedStaysSo() {
        #expect(text("\(first) stdout F one\n\(first) stdout P $ ") == "one\n$ ")
        #expect(text("\(first) stdout P $ \n") == "$ ")
        #expect(text("") == "")
    }

    @Test func bytesStayAsTheyAre() {
        let content: [UInt8] = [0, 0xff, 0x0d, 0x1b] + Array("[31m \t F P stdout ".utf8) + [0xc3, 0x28, 0x0d]
        var sample = LogSample()
        sample.record(content)
        sample.record(content, isPartial: true)
        #expect(LogRenderer.render(sample.file) == content + [0x0a] + content)
    }

    @Test(arguments: [
        "", "x", "no record at all", "2026-11-21T07:27:33.100000000Z", "2026-11-21T07:27:33.100000000Z stdout",
        "2026-11-21T07:27:33.100000000Z stdout ", "2026-11-21T07:27:33.100000000Z stdout X text", "short stdout F text",
    ])
    func whatIsNoRecordIsLeftOut(_ line: String) {
        #expect(text("\(first) stdout F one\n\(line)\n\(second) stdout F two\n") == "one\ntwo\n")
        #expect(text("\(first) stdout F one\n\(line)") == "one\n")
    }

    /// As a disk that is full leaves it: what there is of the bytes is shown.
    @Test func tornTail() {
        #expect(text("\(first) stdout F one\n\(second) stdout F tw") == "one\ntw")
        #expect(text("\(first) stdout F one\n\(second) std") == "one\n")
    }

    @Test func everyPieceSizeGivesTheSame() {
        var random = SeededGenerator(seed: 3)
        let sample = LogSample(records: 120, garbage: true, using: &random)
        for size in 1...300 {
            #expect(LogRenderer.render(sample.file, piece: size) == sample.printed, "pieces of \(size)")
        }
    }

    @Test func everySplitGivesTheSame() {
        var random = SeededGenerator(seed: 4)
        let sample = LogSample(records: 12, using: &random)
        for split in 0...sample.file.count {
            var renderer = LogRenderer(.init())
            var result: [UInt8] = []
            for part in [sample.file[..<split], sample.file[split...]] {
                part.withUnsafeBytes { bytes in renderer.append(bytes) { result.append(contentsOf: $0) } }
            }
            renderer.finish { result.append(contentsOf: $0) }
            #expect(result == sample.printed, "split at \(split)")
        }
    }

    @Test func timesStandBeforeLinesAndNotBeforeTheirParts() {
        let records =
            "\(first) stdout P one\n\(second) stdout F -more\n\(second) stderr F two\n\(second) stdout P three"
        #expect(text(records, .init(timestamps: true)) == "\(first) one-more\n\(second) two\nthree")
    }

    @Test func sinceLeavesOutWhatCameBefore() throws {
        let records =
            "\(first) stdout F old\n2026-11-21T08:27:34.200999999+01:00 stdout F new\n\(second) stdout F last\n"
        let time = try #require(Timestamp("2026-11-21T07:27:34.200Z"))
        #expect(text(records, .init(since: time)) == "new\nlast\n")
        #expect(text(records, .init(since: time.adding(seconds: 1))) == "")
        #expect(text(records, .init(since: time.adding(seconds: -2))) == "old\nnew\nlast\n")
        #expect(
            text(records, .init(timestamps: true, since: time)).hasPrefix("2026-11-21T08:27:34.200999999+01:00 new\n"))
    }

    @Test func recordOfOurs() {
        let bytes = LogRecord.encode("pulling image", time: first)
        #expect(LogRenderer.render(bytes) == Array("pulling image\n".utf8))
    }

    @Test func errorOfTheReaderIsPassedOn() {
        struct Closed: Error {}
        var renderer = LogRenderer(.init())
        #expect(throws: Closed.self) {
            try Array("\(first) stdout F one\n".utf8).withUnsafeBytes {
                try renderer.append($0) { _ in throw Closed() }
            }
        }
    }
}
