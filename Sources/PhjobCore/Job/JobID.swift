import FoundationEssentials

/// A job's id: `job-<YYYYMMDDHHmm, UTC>-<6 of [0-9a-z]>`, PrimeHub's form. It sorts by minute of creation.
package struct JobID: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")
    private static let prefix = "job-"
    private static let dateLength = 12
    private static let suffixLength = 6

    /// Nil unless `text` has exactly the form of an id; so an id is safe as a file name and a container label.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), Self.isPrefix(text),
            text.utf8.count == Self.prefix.utf8.count + Self.dateLength + 1 + Self.suffixLength
        else { return nil }
        self.text = text
    }

    /// A new id for a job created at `time`.
    package init(createdAt time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let digits = time.description.filter(\.isNumber).prefix(Self.dateLength)
        let suffix = (0..<Self.suffixLength).map { _ in
            Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)]
        }
        text = Self.prefix + digits + "-" + String(suffix)
    }

    /// Whether `text` could be the beginning of an id.
    package static func isPrefix(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let pattern = Array(prefix.utf8)
        guard !bytes.isEmpty, bytes.count <= pattern.count + dateLength + 1 + suffixLength else { return false }
        for (index, byte) in bytes.enumerated() {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            let fits =
                switch index {
                case 0..<pattern.count: byte == pattern[index]
                case pattern.count..<(pattern.count + dateLength): isDigit
                case pattern.count + dateLength: byte == UInt8(ascii: "-")
                default: isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                }
            guard fits else { return false }
        }
        return true
    }

    /// The six characters that tell jobs of one minute apart.
    package var suffix: Substring { text.suffix(Self.suffixLength) }

    package var description: String { text }

    /// The name of the job's container, by which an interrupted launch is found again.
    package var containerName: String { "phjob-\(text)" }
}

extension JobID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = JobID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a job id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
