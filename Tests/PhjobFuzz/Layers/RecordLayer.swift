import FoundationEssentials
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport

/// A job's record: a changed one is noticed, and one that somebody made with a right digest does no harm.
enum RecordLayer: FuzzLayer {
    static let name = "record"

    private static let jobs = (try? SampleJob.inEveryState()) ?? []

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        let record = JobRecord(job: random.one(of: jobs), revision: Int64(random.number(0...100)))
        let bytes = try Check.succeeds("writing") { try JobRecordCoding.encode(record) }
        switch random.number(0...3) {
        case 0:
            try Check.equal(
                try Check.succeeds("reading") { try JobRecordCoding.decode(bytes, id: record.job.id) }, record,
                "the record")
            return true
        case 1:
            let changed = Mutation.bytes(bytes, &random)
            let found = try? JobRecordCoding.decode(changed, id: record.job.id)
            try Check.isTrue(found == nil || changed == bytes, "a damaged record is taken for a whole one")
            return found != nil
        default:
            return try readForged(bytes, record.job.id, &random)
        }
    }

    private static func readForged(_ bytes: [UInt8], _ id: JobID, _ random: inout Randomness) throws(Violation) -> Bool
    {
        let value = try Check.succeeds("decoding") { try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) }
        guard case .object(var members) = JSONTree.changed(value, &random) else { return false }
        members["sha256"] = nil
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let forged = JSONValue.object(members)
        let body = Array(try Check.succeeds("encoding") { try encoder.encode(forged) })
        guard body.count > 2 else { return false }
        let whole = body.dropLast() + Array(",\"sha256\":\"\(SHA256.hexDigest(of: body))\"}\n".utf8)
        let found: JobRecord
        do throws(JobRecordCoding.Failure) {
            found = try JobRecordCoding.decode(Array(whole), id: id)
        } catch {
            return false
        }
        let again = try Check.succeeds("writing what was read") { try JobRecordCoding.encode(found) }
        try Check.equal(
            try Check.succeeds("reading that") { try JobRecordCoding.decode(again, id: id) }, found, "once more")
        return true
    }
}
