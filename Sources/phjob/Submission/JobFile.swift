import PhjobAPI
import PhjobCore

/// A job in PrimeHub's JSON: `displayName`, `instanceType`, `image`, `command`, `activeDeadlineSeconds`, and our own
/// `groupName`, `environment` and `idempotencyKey`.
enum JobFile {
    static let keys = [
        "displayName", "groupName", "instanceType", "image", "command", "activeDeadlineSeconds", "environment",
        "idempotencyKey",
    ]

    /// More than any job that would be accepted.
    static let maximumSize = 8 << 20

    /// - Parameter source: the file's name, for errors.
    static func read(_ bytes: [UInt8], from source: String) throws(PhjobError) -> JobSubmission {
        let value = try parse(bytes, source)
        let problems = JSONReader.Problems()
        let reader = JSONReader(value, place: "", allowed: keys, problems: problems)
        let submission = JobSubmission(
            displayName: reader.string("displayName"), groupName: reader.string("groupName"),
            instanceType: reader.string("instanceType"), image: reader.string("image"),
            command: reader.string("command"),
            activeDeadlineSeconds: reader.integer("activeDeadlineSeconds", in: 0...3_153_600_000),
            environment: reader.dictionary("environment"), idempotencyKey: reader.string("idempotencyKey"))
        guard problems.all.isEmpty else {
            throw PhjobError(.invalidRequest, problems.all.map { "\(source): \($0)" }.joined(separator: "\n"))
        }
        return submission
    }

    private static func parse(_ bytes: [UInt8], _ source: String) throws(PhjobError) -> JSONValue {
        guard bytes.contains(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) else {
            throw PhjobError(.invalidRequest, "\(source) is empty; it must hold a job as JSON")
        }
        do {
            return try JSONBody.value(in: bytes)
        } catch {
            throw PhjobError(.invalidRequest, "\(source) is not valid JSON: \(error)")
        }
    }
}
