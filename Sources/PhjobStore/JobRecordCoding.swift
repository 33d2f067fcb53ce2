import FoundationEssentials
package import PhjobCore
import PhjobSystem

/// The format of `job.json`: a JSON object whose last member is the SHA-256 of the object without that member.
///
/// The digest tells a record from what a bad disk or an editor made of it. It is where it is in every schema to come:
/// so a flipped bit in the schema's number is not taken for a newer phjob.
package enum JobRecordCoding {
    /// The schema that is written.
    package static let schema: Int64 = 1

    /// The largest record that is read, in bytes.
    package static let maximumSize = 32 << 20

    /// Why bytes are not a record.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case damaged(String)
        /// A newer phjob wrote it. Nothing may be done to it.
        case newerSchema(Int64)

        package var description: String {
            switch self {
            case .damaged(let text): text
            case .newerSchema(let number): "its schema is \(number), and this phjob knows \(JobRecordCoding.schema)"
            }
        }
    }

    private static let digestOpening = #","sha256":""#
    private static let digestClosing = "\"}\n"

    package static func encode(_ record: JobRecord) throws -> [UInt8] {
        let body = try encodeBody(record)
        return body.dropLast() + Array("\(digestOpening)\(SHA256.hexDigest(of: body))\(digestClosing)".utf8)
    }

    private static func encodeBody(_ record: JobRecord) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var body: Data
        if let unknown = record.unknown {
            let known = try JSONDecoder().decode(JSONValue.self, from: encoder.encode(record.job))
            body = try encoder.encode(known.filling(from: unknown))
        } else {
            body = try encoder.encode(record.job)
        }
        body.replaceSubrange(..<1, with: Data(#"{"schema":\#(schema),"revision":\#(record.revision),"#.utf8))
        return Array(body)
    }

    /// - Parameter id: the id that the record must be of.
    package static func decode(_ bytes: [UInt8], id: JobID) throws(Failure) -> JobRecord {
        struct Header: Decodable {
            var schema: Int64
            var revision: Int64
        }
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(bytes)) else {
            throw .damaged(bytes.isEmpty ? "it is empty" : "it is not a whole JSON object with a schema and a revision")
        }
        let tail = digestOpening.utf8.count + 64 + digestClosing.utf8.count
        guard bytes.count > tail else { throw .damaged("it has no digest") }
        let body = Array(bytes.dropLast(tail)) + [UInt8(ascii: "}")]
        let expected = Array("\(digestOpening)\(SHA256.hexDigest(of: body))\(digestClosing)".utf8)
        guard bytes.suffix(tail).elementsEqual(expected) else { throw .damaged("its digest does not fit its content") }
        guard header.schema <= schema else { throw .newerSchema(header.schema) }
        guard header.schema >= 1 else { throw .damaged("there is no schema \(header.schema)") }
        do {
            let job = try JSONDecoder().decode(Job.self, from: Data(body))
            guard job.id == id else { throw Failure.damaged("it is the record of \(job.id)") }
            var record = JobRecord(job: job, revision: header.revision)
            // Nearly always there is nothing else; to compare bytes is ten times faster than to look for it.
            if try encodeBody(record) != body { record.unknown = try unknown(in: body, beside: job) }
            return record
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .damaged("it does not hold a job: \(error)")
        }
    }

    private static func unknown(in body: [UInt8], beside job: Job) throws -> JSONValue? {
        let all = try JSONDecoder().decode(JSONValue.self, from: Data(body))
        let known = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(job))
        return all.subtracting(known.filling(from: .object(["schema": .null, "revision": .null])))
    }
}
