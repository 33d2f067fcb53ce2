import Foundation
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

/// The bytes of a record: nothing is lost, and nothing but a whole record is believed.
@Suite struct JobRecordCodingTests {
    private let id = SampleJob.id()

    /// `body`, a JSON object, with its digest, as a record of any schema has it.
    private func signed(_ body: String) -> [UInt8] {
        let digest = SHA256.hexDigest(of: Array(body.utf8))
        return Array("\(body.dropLast()),\"sha256\":\"\(digest)\"}\n".utf8)
    }

    /// The JSON object of a record, without the digest, with members put in place of others.
    private func body(replacing old: String = "", with new: String = "") throws -> String {
        let text = String(
            decoding: try JobRecordCoding.encode(JobRecord(job: SampleJob.job(), revision: 5)), as: UTF8.self)
        let end = try #require(text.range(of: #","sha256":""#))
        let body = text[..<end.lowerBound] + "}"
        return old.isEmpty ? String(body) : body.replacingOccurrences(of: old, with: new)
    }

    @Test func everyStateSurvives() throws {
        for (revision, job) in try SampleJob.inEveryState().enumerated() {
            let record = JobRecord(job: job, revision: Int64(revision))
            let bytes = try JobRecordCoding.encode(record)
            #expect(try JobRecordCoding.decode(bytes, id: id) == record)
            #expect(try JobRecordCoding.encode(JobRecordCoding.decode(bytes, id: id)) == bytes)
        }
    }

    @Test(arguments: [
        "", "\0\u{1}\u{7f}", "a\r\n\tb", "\u{2028}\u{1f680}e\u{301}", "\",\"sha256\":\"", "/\\/",
        String(repeating: "x", count: 1 << 20),
    ])
    func commandsSurvive(_ command: String) throws {
        let record = JobRecord(job: SampleJob.job(spec: SampleJob.spec(command: command)), revision: .max)
        #expect(try JobRecordCoding.decode(JobRecordCoding.encode(record), id: id) == record)
    }

    @Test func recordIsOneLineOfJSONWithItsDigestLast() throws {
        let bytes = try JobRecordCoding.encode(JobRecord(job: SampleJob.job(), revision: 5))
        #expect(bytes.count { $0 == 0x0a } == 1)
        #expect(bytes.last == 0x0a)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(object["schema"] as? Int == 1)
        #expect(object["revision"] as? Int == 5)
        #expect(object["id"] as? String == id.text)
        #expect(try signed(body()) == bytes)
    }

    @Test func everyTruncationIsRefused() throws {
        let bytes = try JobRecordCoding.encode(JobRecord(job: SampleJob.job(), revision: 1))
        for count in 0..<bytes.count {
            #expect(throws: JobRecordCoding.Failure.self) {
                try JobRecordCoding.decode(Array(bytes.prefix(count)), id: id)
            }
        }
    }

    /// One flipped bit makes these of 1; it must not look like a newer phjob, which would stop the runner.
    @Test(arguments: [0, 3, 5, 9])
    func changedSchemaIsDamage(_ schema: Int) throws {
        let text = String(
            decoding: try JobRecordCoding.encode(JobRecord(job: SampleJob.job(), revision: 1)), as: UTF8.self)
        let changed = text.replacingOccurrences(of: #""schema":1"#, with: #""schema":\#(schema)"#)
        let error = #expect(throws: JobRecordCoding.Failure.self) {
            try JobRecordCoding.decode(Array(changed.utf8), id: id)
        }
        #expect(error == .damaged("its digest does not fit its content"))
    }

    @Test func everyChangedByteIsRefusedAsDamage() throws {
        let bytes = try JobRecordCoding.encode(JobRecord(job: SampleJob.job(), revision: 1))
        var random = SeededGenerator(seed: 42)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let error = #expect(throws: JobRecordCoding.Failure.self) { try JobRecordCoding.decode(changed, id: id) }
            guard case .damaged = error else {
                Issue.record("byte \(index): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func addedAndZeroedBytesAreRefused() throws {
        let bytes = try JobRecordCoding.encode(JobRecord(job: SampleJob.job(), revision: 1))
        let others = [
            bytes + [0x0a], bytes + [0], bytes + bytes, [0x20] + bytes, bytes.map { _ in 0 }, [0x0a],
            Array("{}\n".utf8),
        ]
        for other in others {
            #expect(throws: JobRecordCoding.Failure.self) { try JobRecordCoding.decode(other, id: id) }
        }
    }

    @Test func emptyRecordIsSaidToBeEmpty() {
        #expect(throws: JobRecordCoding.Failure.damaged("it is empty")) { try JobRecordCoding.decode([], id: id) }
    }

    @Test func newerSchemaIsToldApartFromDamage() throws {
        let newer = try signed(body(replacing: #""schema":1"#, with: #""schema":2"#))
        #expect(throws: JobRecordCoding.Failure.newerSchema(2)) { try JobRecordCoding.decode(newer, id: id) }
        let strange = signed(#"{"schema":7,"revision":1,"what":"ever"}"#)
        #expect(throws: JobRecordCoding.Failure.newerSchema(7)) { try JobRecordCoding.decode(strange, id: id) }
    }

    @Test(arguments: [0, -1])
    func schemaThatNeverWasIsDamage(_ schema: Int) throws {
        let bytes = try signed(body(replacing: #""schema":1"#, with: #""schema":\#(schema)"#))
        let error = #expect(throws: JobRecordCoding.Failure.self) { try JobRecordCoding.decode(bytes, id: id) }
        #expect(error == .damaged("there is no schema \(schema)"))
    }

    @Test func recordOfAnotherJobIsRefused() throws {
        let bytes = try JobRecordCoding.encode(JobRecord(job: SampleJob.job(7), revision: 1))
        let error = #expect(throws: JobRecordCoding.Failure.self) { try JobRecordCoding.decode(bytes, id: id) }
        #expect(error == .damaged("it is the record of \(SampleJob.id(7))"))
    }

    @Test(arguments: [#""id":"job-"#, #""createTime":"#, #""spec":{"#, #""phase":"#])
    func missingMemberIsDamage(_ member: String) throws {
        let bytes = try signed(body(replacing: member, with: #""x"# + member.dropFirst()))
        let error = #expect(throws: JobRecordCoding.Failure.self) { try JobRecordCoding.decode(bytes, id: id) }
        guard case .damaged = error else { throw try #require(error) }
    }

    /// What a newer phjob of the same schema has added stays through loads, changes and saves.
    @Test func unknownMembersSurvive() throws {
        let bytes = try signed(
            body(replacing: #""phase":"Pending""#, with: #""phase":"Pending","later":{"a":[1,2.5,null,"x"]}"#)
                .replacingOccurrences(of: #""createTime":"#, with: #""aList":[{"b":true}],"createTime":"#)
                .replacingOccurrences(of: #""groupName":"#, with: #""future":"\u00e9\n","groupName":"#))
        var record = try JobRecordCoding.decode(bytes, id: id)
        #expect(record.job == SampleJob.job())
        _ = try record.job.handle(.admitted(gpus: []), at: SampleJob.time)
        let again = try JobRecordCoding.decode(JobRecordCoding.encode(record), id: id)
        #expect(again == record)
        guard case .object(let unknown) = again.unknown else { throw try #require(again.unknown as? any Error) }
        #expect(unknown["aList"] == .array([.object(["b": .bool(true)])]))
        #expect(unknown["spec"] == .object(["future": .string("\u{e9}\n")]))
        #expect(
            unknown["status"]
                == .object(["later": .object(["a": .array([.integer(1), .number(2.5), .null, .string("x")])])]))
        #expect(unknown.count == 3)
    }
}
