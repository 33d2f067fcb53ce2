import Glibc
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

/// What the store takes for a record: nothing but what was written, to the last bit.
@Suite("A damaged record")
struct RecordDamageTests {
    private let directory: TemporaryDirectory
    private let store: JobStore
    private let records: [JobRecord]

    init() throws {
        directory = try TemporaryDirectory()
        store = try JobStore(root: directory("state"))
        // One of each state a job goes through, under ids of their own.
        records = try SampleJob.inEveryState().indices.map { index in
            var job = SampleJob.job(index)
            for event in try Self.events.prefix(index) { _ = try job.handle(event, at: SampleJob.time) }
            return JobRecord(job: job)
        }
    }

    private static var events: [JobEvent] {
        get throws {
            let container = ContainerIdentity(
                id: String(repeating: "ab", count: 32), process: .init(pid: 4242, startTicks: 987_654), bootID: "boot")
            let time = SampleJob.time
            return [
                .admitted(gpus: []), .prepared(ResolvedImage(id: String(repeating: "0f", count: 32)), bootID: "boot"),
                .started(container, at: time), .exited(ContainerExit(exitCode: 3, startTime: time, finishTime: time)),
                .cleanedUp(logIncomplete: "the disk was full"), .logExpired,
            ]
        }
    }

    private func create() throws -> [JobRecord] {
        try records.map { record in
            var record = record
            try store.create(&record)
            return record
        }
    }

    private func isDamaged(_ id: JobID) -> Bool {
        do {
            _ = try store.load(id)
            return false
        } catch JobRecordCoding.Failure.newerSchema {
            // Nothing may be done to it then, so no damage may look like that.
            return false
        } catch {
            return true
        }
    }

    @Test("Cut at any byte, it is known, and the others are as they were")
    func cut() throws {
        let all = try create()
        for record in all.prefix(3) + all.suffix(1) {
            let path = store.layout.job(record.job.id).record
            let bytes = try Damage.read(path)
            for count in bytes.indices {
                try Damage.replace(path, by: Array(bytes[..<count]))
                #expect(isDamaged(record.job.id), "\(count) bytes of \(bytes.count)")
            }
            try Damage.replace(path, by: bytes)
        }
        for record in all { #expect(try store.load(record.job.id) == record) }
    }

    @Test("With any bit turned, it is known")
    func flipped() throws {
        var random = SeededGenerator(seed: 4)
        let all = try create()
        for record in [all[0], all[3], all[all.count - 1]] {
            let path = store.layout.job(record.job.id).record
            let bytes = try Damage.read(path)
            for index in bytes.indices {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try Damage.replace(path, by: damaged)
                #expect(isDamaged(record.job.id), "byte \(index) of \(bytes.count)")
            }
            try Damage.replace(path, by: bytes)
        }
        for record in all { #expect(try store.load(record.job.id) == record) }
    }

    @Test("Zeroes, or anything else, in place of a part of it are known")
    func overwritten() throws {
        var random = SeededGenerator(seed: 5)
        let record = try create()[5]
        let path = store.layout.job(record.job.id).record
        let bytes = try Damage.read(path)
        for round in 0..<300 {
            var damaged = bytes
            let start = Int.random(in: bytes.indices, using: &random)
            let end = min(bytes.count, start + Int.random(in: 1...512, using: &random))
            for index in start..<end { damaged[index] = round % 2 == 0 ? 0 : UInt8.random(in: 0...255, using: &random) }
            if damaged == bytes { continue }
            try Damage.replace(path, by: damaged)
            #expect(isDamaged(record.job.id), "\(start)..<\(end) of \(bytes.count)")
        }
    }
}
