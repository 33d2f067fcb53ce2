/// The rights that new files do not get (umask(2)).
package struct FileModeMask: Sendable, Equatable {
    package let bits: UInt16

    /// Others than the owner may read: what shells begin with.
    package static let usual = FileModeMask(bits: 0o022)
    /// The group may write too, so that its members can go on with each other's files.
    package static let shared = FileModeMask(bits: 0o002)

    private init(bits: UInt16) { self.bits = bits }

    /// - Parameter text: octal, such as `0002`.
    /// - Throws: ``InvalidValue`` for what is not octal, or would keep the owner from their own files.
    package init(parsing text: String) throws(InvalidValue) {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
            let bits = UInt16(text, radix: 8)
        else {
            throw InvalidValue("'\(TerminalText.escaped(text))' is not a umask; write it in octal, such as \"0002\"")
        }
        guard bits <= 0o077 else {
            throw InvalidValue("'\(text)' would keep jobs from their own files; it must lie between 0000 and 0077")
        }
        self.bits = bits
    }
}

extension FileModeMask: CustomStringConvertible {
    /// Four octal digits.
    package var description: String {
        let digits = String(bits, radix: 8)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension FileModeMask: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(parsing: container.decode(String.self))
        } catch let error as InvalidValue {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
