import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobStore

/// A start with the index finds exactly what a start without it finds.
@Suite("The index of jobs that are done with")
struct JobIndexTests {
    private let directory: TemporaryDirectory
    private let store: JobStore
    private static let count = 12
    private var indexPath: String { "state/cache/jobs.index" }

    /// Twelve jobs that have ended in various ways, and one that waits.
    init() throws {
        directory = try TemporaryDirectory()
        store = try JobStore(root: directory("state"))
        for number in 0..<Self.count {
            var spec = SampleJob.spec(
                user: .init(
                    name: number % 2 == 0 ? "alice" : "a-user-with-a-long-name", uid: UInt32.max - UInt32(number),
                    gid: 1))
            spec.displayName = number % 3 == 0 ? "" : "näme \(number)\n\u{0}\u{1f680}"
            if number % 4 == 0 {
                spec.idempotency = .init(key: number == 0 ? "" : "key \(number)", contentDigest: "00")
            }
            var record = JobRecord(job: SampleJob.job(number, spec: spec))
            try store.create(&record)
            _ = try record.job.handle(.cancelRequested(userName: "bob"), at: SampleJob.time)
            _ = try record.job.handle(.cleanedUp(logIncomplete: nil), at: SampleJob.time)
            if number == 5 { _ = try record.job.handle(.logExpired, at: SampleJob.time) }
            try store.save(&record)
        }
        var waiting = JobRecord(job: SampleJob.job(Self.count))
        try store.create(&waiting)
    }

    private struct Found: Equatable {
        var indexed: [JobID: JobSummary] = [:]
        var records: [JobID: JobSummary] = [:]
        var unreadable: Set<JobID> = []

        var all: [JobID: JobSummary] { indexed.merging(records) { first, _ in first } }
    }

    /// What a start finds.
    private func survey() throws -> Found {
        var found = Found()
        try JobStore(root: directory("state")).survey { finding in
            switch finding {
            case .indexed(let summary):
                #expect(found.indexed.updateValue(summary, forKey: summary.id) == nil)
                return true
            case .record(let record):
                #expect(found.records.updateValue(JobSummary(record.job), forKey: record.job.id) == nil)
                return record.job.phase.isFinal
            case .unreadable(let id, _):
                found.unreadable.insert(id)
                return false
            }
        }
        return found
    }

    @Test("The first start reads the records, the next only those that are not done with; both find the same")
    func builtAndUsed() throws {
        let first = try survey()
        #expect(first.indexed.isEmpty && first.records.count == Self.count + 1)
        let second = try survey()
        #expect(second.indexed.count == Self.count && second.records.keys.elementsEqual([SampleJob.id(Self.count)]))
        #expect(second.all == first.all)
        #expect(try survey() == second)
    }

    @Test("A job that was entered when it was done with is not read again")
    func entered() throws {
        _ = try survey()
        let id = SampleJob.id(Self.count)
        var record = try store.load(id)
        _ = try record.job.handle(.cancelRequested(userName: "bob"), at: SampleJob.time)
        _ = try record.job.handle(.cleanedUp(logIncomplete: "x"), at: SampleJob.time)
        try store.save(&record)
        #expect(try survey().records[id] != nil)
        _ = try record.job.handle(.logExpired, at: SampleJob.time)
        try store.save(&record)
        store.enter(JobSummary(record.job))
        let found = try survey()
        #expect(found.indexed[id] == JobSummary(record.job) && found.records.isEmpty)
    }

    @Test(
        "A record that changed after it was entered is read: also one of the same size, and one whose times were set back"
    )
    func stale() throws {
        let before = try survey()
        for (number, change) in ["replaced", "bit", "times", "gone", "directory"].enumerated() {
            let path = "state/jobs/\(SampleJob.id(number))/job.json"
            let bytes = try directory.read(path)
            switch change {
            case "replaced":
                var record = try store.load(SampleJob.id(number))
                record.job = try store.load(SampleJob.id(number)).job
                try store.save(&record)
            case "bit", "times":
                var status = stat()
                stat(directory(path), &status)
                var damaged = bytes
                damaged[100] ^= 1
                try directory.write(damaged, to: path)
                if change == "times" {
                    var times = [status.st_atim, status.st_mtim]
                    #expect(utimensat(AT_FDCWD, directory(path), &times, 0) == 0)
                }
            case "gone": #expect(unlink(directory(path)) == 0)
            default:
                #expect(unlink(directory(path)) == 0)
                #expect(mkdir(directory(path), 0o700) == 0)
            }
        }
        let after = try survey()
        #expect(
            after.records.keys.contains(SampleJob.id(0))
                && after.records[SampleJob.id(0)] == before.records[SampleJob.id(0)])
        #expect(after.unreadable == Set((1...4).map { SampleJob.id($0) }))
        #expect(after.indexed.count == Self.count - 5)
    }

    @Test("A job whose directory is gone is not there, whatever the index says")
    func removed() throws {
        _ = try survey()
        try TreeRemoval.remove(SampleJob.id(3).text, in: Directory.open(directory("state/jobs")))
        let found = try survey()
        #expect(found.all[SampleJob.id(3)] == nil && found.indexed.count == Self.count - 1)
    }

    @Test("Cut off at any byte, or with any byte damaged, only rows before that are read")
    func damaged() throws {
        _ = try survey()
        let index = try JobIndex(in: Directory.open(directory("state/cache")), stateID: store.stateID)
        let (all, isWhole) = index.read()
        #expect(all.count == Self.count && isWhole)
        // One with an empty key, one with a key, and one without.
        let rows = [0, 4, 5].compactMap { number in all.first { $0.summary.id == SampleJob.id(number) } }
        try index.replace(with: rows)
        let whole = try directory.read(indexPath)
        // How many rows end before each byte.
        var ends: [Int] = []
        for count in 0...rows.count {
            try index.replace(with: Array(rows.prefix(count)))
            ends.append(try directory.read(indexPath).count)
        }
        var generator = SeededGenerator(seed: 11)
        for offset in whole.indices {
            let before = ends.count { $0 <= offset } - 1
            try directory.write(Array(whole[..<offset]), to: indexPath)
            let cut = index.read()
            try #require(cut.rows == Array(rows.prefix(max(0, before))), "cut off at byte \(offset)")
            try #require(cut.isWhole == ends.contains(offset), "cut off at byte \(offset)")
            var flipped = whole
            flipped[offset] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            try directory.write(flipped, to: indexPath)
            let damaged = index.read()
            try #require(damaged.rows == Array(rows.prefix(max(0, before))), "damaged at byte \(offset)")
            try #require(!damaged.isWhole, "damaged at byte \(offset)")
        }
    }

    @Test("A damaged index gives nothing wrong, and is repaired by the start that finds it")
    func repaired() throws {
        let expected = try survey().all
        _ = try survey()
        let whole = try directory.read(indexPath)
        var generator = SeededGenerator(seed: 12)
        // In the header, in the first row, somewhere, and at the end.
        let offsets = [0, 5, 40] + (0..<8).map { _ in Int.random(in: 41..<whole.count - 1, using: &generator) }
        for offset in offsets + [whole.count - 1] {
            var flipped = whole
            flipped[offset] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            for bytes in [Array(whole[..<offset]), flipped] {
                try directory.write(bytes, to: indexPath)
                let found = try survey()
                try #require(found.all == expected && found.unreadable.isEmpty, "at byte \(offset)")
                try #require(try survey().indexed.count == Self.count, "not repaired at byte \(offset)")
            }
        }
    }

    @Test(
        "What is no file of ours is not read, and another state directory's or an older phjob's neither",
        arguments: ["link", "directory", "other", "older"])
    func foreign(_ kind: String) throws {
        let expected = try survey().all
        let path = directory(indexPath)
        switch kind {
        case "link":
            try directory.write(directory.read(indexPath), to: "elsewhere")
            #expect(unlink(path) == 0 && symlink(directory("elsewhere"), path) == 0)
        case "directory": #expect(unlink(path) == 0 && mkdir(path, 0o700) == 0)
        case "older":
            // Rows without a uid.
            let bytes = try directory.read(indexPath)
            #expect(bytes.starts(with: "phjob index 3 ".utf8))
            try directory.write(
                Array("phjob index 2 ".utf8) + bytes.dropFirst("phjob index 3 ".utf8.count), to: indexPath)
        default: try directory.write("0123456789abcdef\n", to: "state/id")
        }
        let found = try survey()
        #expect(found.indexed.isEmpty && found.all == expected)
    }

    @Test("Rows that speak for no job any more go when they are many")
    func compacted() throws {
        _ = try survey()
        let size = try directory.read(indexPath).count
        let summary = try #require(try survey().indexed[SampleJob.id(0)])
        for _ in 0..<1100 { store.enter(summary) }
        #expect(try directory.read(indexPath).count > 50 * size)
        #expect(try survey().indexed.count == Self.count)
        #expect(try directory.read(indexPath).count == size)
        #expect(try survey().indexed.count == Self.count)
    }
}
