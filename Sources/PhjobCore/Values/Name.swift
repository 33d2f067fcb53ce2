/// Checks of names that become parts of paths, mount targets and labels.
package enum Name {
    /// Whether `text` can name a group, instance type, image or dataset.
    ///
    /// Lower-case letters, digits, `.`, `_` and `-`, at most 63, first and last a letter or digit, no `..`: safe as one
    /// path component, as a container path and as a label value.
    package static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        guard isAlphanumeric(first), isAlphanumeric(last), !text.contains("..") else { return false }
        return bytes.allSatisfy {
            isAlphanumeric($0) || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains($0)
        }
    }

    /// The rule of ``isValid(_:)`` in words.
    package static let rule = "use 1 to 63 of a-z, 0-9, '.', '_' and '-', beginning and ending with a letter or digit"

    /// Whether `text` can name an environment variable: a letter or `_`, then letters, digits and `_` (POSIX, section 8.1).
    package static func isEnvironmentName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 255 else { return false }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let isLetter = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || byte == UInt8(ascii: "_")
        }
        return isLetter(first) && text.utf8.allSatisfy { isLetter($0) || isDigit($0) }
    }

    /// What is wrong with a job's display name, or nil if it will do.
    ///
    /// It is data for people only, yet it is shown in tables and terminals: no control characters.
    package static func problem(inDisplayName text: String) -> String? {
        if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { return "the job name is empty" }
        if text.unicodeScalars.count > 200 {
            return "the job name has \(text.unicodeScalars.count) characters; at most 200"
        }
        if text.unicodeScalars.contains(where: { !TerminalText.isPlain($0) }) {
            return "the job name has a control character; use printable characters only"
        }
        return nil
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
