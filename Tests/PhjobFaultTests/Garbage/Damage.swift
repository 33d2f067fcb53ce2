import Foundation
import Glibc
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport

/// What a bad disk, or somebody with an editor, makes of a record.
enum Damage: String, Sendable, CaseIterable {
    case empty
    case truncated
    case flippedBit
    case zeroed
    case removed
    case directory
    case linkToTheRecordElsewhere
    case linkToAnotherRecord
    case linkToNothing
    case secondName
    case pipe
    case noSchema
    case schemaZero
    case recordOfAnotherJob

    /// - Parameters:
    ///   - record: the record's path.
    ///   - other: the path of another job's.
    ///   - directory: where there is room for a file outside the state directory.
    func apply(to record: String, other: String, in directory: TemporaryDirectory) throws {
        let bytes = try Self.read(record)
        switch self {
        case .empty: try Self.replace(record, by: [])
        case .truncated: try Self.replace(record, by: Array(bytes.dropLast(bytes.count / 3)))
        case .flippedBit:
            var bytes = bytes
            bytes[bytes.count / 2] ^= 4
            try Self.replace(record, by: bytes)
        case .zeroed: try Self.replace(record, by: [UInt8](repeating: 0, count: bytes.count))
        case .removed: unlink(record)
        case .directory:
            unlink(record)
            try Directory.create(record)
        case .linkToTheRecordElsewhere:
            rename(record, directory("elsewhere"))
            symlink(directory("elsewhere"), record)
        case .linkToAnotherRecord:
            unlink(record)
            symlink(other, record)
        case .linkToNothing:
            unlink(record)
            symlink("/nowhere", record)
        case .secondName: link(record, directory("second"))
        case .pipe:
            unlink(record)
            mkfifo(record, 0o600)
        case .noSchema: try Self.replace(record, by: Self.signed(bytes, schema: ""))
        case .schemaZero: try Self.replace(record, by: Self.signed(bytes, schema: #""schema":0,"#))
        case .recordOfAnotherJob: try Self.replace(record, by: Self.read(other))
        }
    }

    /// What a phjob to come may write: a record of a schema that this one does not know.
    static func makeNewer(_ record: String) throws {
        try replace(record, by: signed(read(record), schema: #""schema":2,"#))
    }

    static func read(_ path: String) throws -> [UInt8] {
        try Descriptor(opening: path, flags: O_RDONLY).readAll(limit: 1 << 20)
    }

    static func replace(_ path: String, by bytes: [UInt8]) throws {
        try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_TRUNC).write(bytes)
    }

    /// The record with something else in place of its schema, and a digest that fits.
    private static func signed(_ bytes: [UInt8], schema: String) throws -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        let known = #"{"schema":1,"#
        guard text.hasPrefix(known), let digest = text.range(of: #","sha256":""#, options: .backwards) else {
            throw Failure(description: "not a record: \(text)")
        }
        let body = "{\(schema)\(text[..<digest.lowerBound].dropFirst(known.count))}"
        return Array("\(body.dropLast()),\"sha256\":\"\(SHA256.hexDigest(of: Array(body.utf8)))\"}\n".utf8)
    }
}
