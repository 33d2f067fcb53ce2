import Foundation
import PhjobCore
import PhjobStore
import PhjobTestSupport
import Testing

/// Records as released versions wrote them are read for ever. These files are never changed, only added to.
@Suite struct ReleasedSchemaTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    private func bytes(_ schema: Int) throws -> [UInt8] {
        Array(try Data(contentsOf: Self.fixtures.appending(path: "schema-\(schema)/job.json")))
    }

    @Test func everyReleasedSchemaHasItsFile() {
        #expect(JobRecordCoding.schema == 1, "add a fixture of the new schema and a test that reads it")
    }

    @Test func schema1() throws {
        let record = try JobRecordCoding.decode(bytes(1), id: SampleJob.id())
        let job = record.job
        #expect(record.revision == 8)
        #expect(job.id == SampleJob.id())
        #expect(job.createTime == SampleJob.time)
        #expect(job.phase == .cancelled)
        #expect(job.spec.displayName == "Train \"digits\" \u{1f680}")
        #expect(job.spec.user == JobSpec.User(name: "alice", uid: 1000, gid: 100))
        #expect(job.spec.environment == ["EPOCHS": "3", "EMPTY": ""])
        #expect(job.spec.instanceType.cpuLimit == CPUAmount(milli: 2000))
        #expect(job.spec.instanceType.memoryLimit == MemorySize(bytes: 4 << 30))
        #expect(job.spec.datasets == [JobSpec.Dataset(name: "digits", path: "/srv/datasets/digits", writable: false)])
        #expect(job.spec.rerunOf == SampleJob.id(1))
        #expect(
            job.spec.idempotency == JobSpec.Idempotency(key: "ci-42", contentDigest: String(repeating: "5a", count: 32))
        )
        guard case .ended(let ended) = job.state else { throw CocoaError(.coderInvalidValue) }
        #expect(ended.outcome.reason == .cancelledByUser)
        #expect(ended.outcome.cancelledBy == "bob")
        #expect(ended.outcome.exitCode == 3)
        #expect(ended.outcome.usage == JobOutcome.Usage(peakMemory: MemorySize(bytes: 123_456_789), cpuSeconds: 1.25))
        #expect(ended.gpus == [GPU(index: 0), GPU(index: 1)])
        #expect(ended.isCleanedUp)
        #expect(ended.logIncomplete == "the disk was full")
        #expect(ended.logExpireTime != nil)
        #expect(job.history.map(\.phase) == [.pending, .preparing, .running, .cancelled])
    }

    /// Nothing that stands in the file is lost or changed when it is saved again.
    @Test func schema1SurvivesARewrite() throws {
        let original = try bytes(1)
        let record = try JobRecordCoding.decode(original, id: SampleJob.id())
        let rewritten = try JobRecordCoding.encode(record)
        #expect(try JobRecordCoding.decode(rewritten, id: SampleJob.id()) == record)
        let (before, after) = (try value(original), try value(rewritten))
        #expect(before.filling(from: after) == after.filling(from: before))
        for name in ["addedAtTheTop", "addedToTheSpec", "addedToTheStatus", "addedToTheInstanceType"] {
            #expect(String(decoding: rewritten, as: UTF8.self).contains("\"\(name)\":"))
        }
    }

    /// A record without its digest, which differs if anything was added.
    private func value(_ bytes: [UInt8]) throws -> JSONValue {
        guard case .object(var members) = try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
            return .null
        }
        members["sha256"] = nil
        return .object(members)
    }
}
