import Glibc
import PhjobCore
import PhjobSystem

/// A file of variables: lines of `NAME=VALUE`, empty lines, and comments that begin with `#`.
///
/// The value is everything after the first `=`, quotes and spaces included, as docker-run(1) has it.
enum EnvironmentFile {
    private static let maximumSize = 2 << 20

    static func read(_ path: String) throws -> [String: String] {
        let shown = TerminalText.escaped(path)
        let text = try InputFile.text(at: path, limit: maximumSize)
        var result: [String: String] = [:]
        // As bytes: of characters "\r\n" would be one, and no line's end.
        for (index, bytes) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = Substring(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes)
            guard let first = line.first(where: { !$0.isWhitespace }), first != "#" else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, Name.isEnvironmentName(String(parts[0])) else {
                throw PhjobError(
                    .invalidRequest, "\(shown): line \(index + 1) is not NAME=VALUE",
                    hint: "a name has letters, digits and '_' only, with no spaces around it")
            }
            result[String(parts[0])] = String(parts[1])
        }
        return result
    }
}
