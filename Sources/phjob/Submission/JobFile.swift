import PhjobAPI
import PhjobCore

/// A job in PrimeHub's JSON: `displayName`, `instanceType`, `image`, `command`, `activeDeadlineSeconds`, and our own
/// `groupName`, `environment` and `idempotencyKey`.
enum JobFile {
    /// More than any job that would be accepted.
    static let maximumSize = 8 << 20

    /// - Parameter source: the file's name, for errors.
    static func read(_ bytes: [UInt8], from source: String) throws(PhjobError) -> JobSubmission {
        let value = try parse(ScriptText.withoutByteOrderMark(bytes), source)
        if let id = printedJob(value) {
            throw PhjobError(
                .invalidRequest, "\(source) is what 'phjob get --json' prints of a job, and not one to submit",
                hint: "to run that job again: phjob rerun \(id)")
        }
        do {
            return try JobSubmission(reading: value)
        } catch {
            throw PhjobError(.invalidRequest, error.all.map { "\(source): \($0)" }.joined(separator: "\n"))
        }
    }

    /// The id, if this is a job as the API shows it.
    private static func printedJob(_ value: JSONValue) -> JobID? {
        guard case .object(let members) = value, case .string(let id)? = members["id"], members["phase"] != nil else {
            return nil
        }
        return JobID(id)
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
