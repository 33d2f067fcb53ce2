import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobStore

@Suite("How much of a log is missing when it has reached its bound")
struct LogGenerationsTests {
    private let directory: TemporaryDirectory
    private let layout: JobLayout
    private let bound: Int64 = 100_000

    init() throws {
        directory = try TemporaryDirectory()
        layout = JobLayout(root: directory.path)
    }

    private func append(_ count: Int, _ name: String = "log") throws {
        let head = "2026-11-21T07:00:00.000000001+00:00 stdout F "
        try directory.append(
            Array((head + String(repeating: "x", count: count - head.utf8.count - 1) + "\n").utf8), to: name)
    }

    private func rotate() throws {
        try directory.write("", to: "new")
        rename(directory("new"), directory("log"))
    }

    /// The first file, with a reader at its end.
    private func begin() throws -> (LogGenerations, LogReader) {
        try append(1000)
        link(directory("log"), directory("log.head"))
        return (LogGenerations(layout, bound: bound), try read(LogReader(layout, .init())))
    }

    private func read(_ reader: LogReader) throws -> LogReader {
        var reader = reader
        try reader.read { _ in }
        return reader
    }

    @Test("Nothing is missing as long as there are two files at most")
    func nothing() throws {
        var (generations, follower) = try begin()
        #expect(LogDropped(of: layout) == nil && follower.missing() == nil)
        try rotate()
        generations.replaced()
        try append(500)
        #expect(LogDropped(of: layout) == nil)
        follower = try read(follower)
        #expect(follower.missing() == nil)
        #expect(try read(LogReader(layout, .init())).missing() == nil)
    }

    @Test("Who follows has all; who comes later is told exactly how much is missing")
    func followers() throws {
        var (generations, follower) = try begin()
        for round in 1...42 {
            try rotate()
            generations.replaced()
            try append(100 * round)
            follower = try read(follower)
        }
        #expect(follower.missing() == nil)
        // All but the first and the last file.
        let dropped = Int64((1...41).reduce(0) { $0 + 100 * $1 })
        #expect(LogDropped(of: layout) == LogDropped(first: 1000, last: 4200, dropped: dropped, isExact: true))
        #expect(
            LogDropped(of: layout)?.text
                == "it reached its bound (limits.logMaxSize): the first 1000B and the last 4.1K are kept, 86100 bytes (84.1K) between them were dropped"
        )
        let late = try read(LogReader(layout, .init()))
        #expect(late.missing() == LogReader.Missing(bytes: dropped))
        var tail = LogReader(layout, .init())
        try tail.skip(toLast: 1)
        tail = try read(tail)
        #expect(tail.missing() == nil)
        // A slow reader misses what comes and goes between two of its looks.
        for _ in 1...2 {
            try rotate()
            generations.replaced()
            try append(700)
        }
        #expect(try read(follower).missing() == LogReader.Missing(bytes: 700))
        #expect(try read(tail).missing() == LogReader.Missing(bytes: 700))
    }

    @Test("What came and went unseen is counted as what it must have been at least")
    func unseen() throws {
        var (generations, _) = try begin()
        for _ in 1...3 {
            try rotate()
            try append(99_990)
        }
        for _ in 1...3 { generations.replaced() }
        let least = 2 * (bound - (16 << 10))
        #expect(LogDropped(of: layout) == LogDropped(first: 1000, last: 99_990, dropped: least, isExact: false))
        #expect(
            LogDropped(of: layout)?.text.hasSuffix("at least \(least) bytes (163.3K) between them were dropped") == true
        )
    }

    @Test("A new runner goes on with the number of the last")
    func adoption() throws {
        var (generations, _) = try begin()
        for _ in 1...2 {
            try rotate()
            generations.replaced()
            try append(300)
        }
        #expect(LogDropped(of: layout)?.dropped == 300)
        var next = LogGenerations(layout, bound: bound)
        try rotate()
        next.replaced()
        #expect(LogDropped(of: layout) == LogDropped(first: 1000, last: 0, dropped: 600, isExact: true))
        // Replaced while no runner was there.
        try rotate()
        _ = LogGenerations(layout, bound: bound)
        #expect(LogDropped(of: layout)?.isExact == false)
    }

    @Test("Without a count it is said that nothing is known")
    func unknown() throws {
        let (_, reader) = try begin()
        try rotate()
        try append(10_000)
        #expect(LogDropped(of: layout) == LogDropped(first: 1000, last: 10_000, dropped: nil, isExact: false))
        #expect(try read(reader).missing() == LogReader.Missing(bytes: nil))
        try directory.write("nonsense", to: "log.before")
        #expect(try read(reader).missing() == LogReader.Missing(bytes: nil))
        // A new runner cannot know either how many there were.
        _ = LogGenerations(layout, bound: bound)
        #expect(LogDropped(of: layout) == LogDropped(first: 1000, last: 10_000, dropped: nil, isExact: false))
    }
}
