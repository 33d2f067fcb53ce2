import FoundationEssentials

/// A job's id: `job-<YYYYMMDDHHmm, UTC>-<6 of [0-9a-z]>`, PrimeHub's form. It sorts by minute of creation.
///
/// It is kept as two numbers, so that tables of many jobs are small and quick to search.
package struct JobID: Sendable, Hashable {
    /// The twelve digits of the date as one number.
    private let date: UInt64
    /// The last part as a number to the base 36.
    private let number: UInt32

    private static let prefix = Array("job-".utf8)
    private static let dateLength = 12
    private static let suffixLength = 6
    private static let length = prefix.count + dateLength + 1 + suffixLength
    private static let numberCount: UInt32 = 2_176_782_336  // 36 to the power of suffixLength

    /// Nil unless `text` has exactly the form of an id; so an id is safe as a file name and a container label.
    package init?(_ text: String) {
        guard text.utf8.count == Self.length else { return nil }
        let read = text.utf8.withContiguousStorageIfAvailable { Self(utf8: $0) } ?? Self(utf8: Array(text.utf8))
        guard let read else { return nil }
        self = read
    }

    private init?(utf8 bytes: some RandomAccessCollection<UInt8>) {
        var date: UInt64 = 0
        var number: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            guard Self.fits(byte, at: index) else { return nil }
            switch index - Self.prefix.count {
            case ..<0, Self.dateLength: break
            case ..<Self.dateLength: date = date * 10 + UInt64(byte - UInt8(ascii: "0"))
            default: number = number * 36 + UInt32(Self.value(of: byte))
            }
        }
        self.init(date: date, number: number)
    }

    private init(date: UInt64, number: UInt32) {
        self.date = date
        self.number = number
    }

    /// A new id for a job created at `time`.
    package init(createdAt time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let digits = time.description.utf8.lazy.filter { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        date = digits.prefix(Self.dateLength).reduce(0) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
        number = UInt32.random(in: 0..<Self.numberCount, using: &generator)
    }

    package var text: String {
        String(unsafeUninitializedCapacity: Self.length) { bytes in
            var (date, number) = (date, number)
            for index in stride(from: Self.length - 1, through: 0, by: -1) {
                switch index - Self.prefix.count {
                case ..<0: bytes[index] = Self.prefix[index]
                case Self.dateLength: bytes[index] = UInt8(ascii: "-")
                case ..<Self.dateLength:
                    bytes[index] = Self.digit(UInt8(date % 10))
                    date /= 10
                default:
                    bytes[index] = Self.digit(UInt8(number % 36))
                    number /= 36
                }
            }
            return Self.length
        }
    }

    /// The six characters that tell jobs of one minute apart.
    package var suffix: Substring { text.suffix(Self.suffixLength) }

    /// The name of the job's container, by which an interrupted launch is found again.
    package var containerName: String { "phjob-\(text)" }

    private static func fits(_ byte: UInt8, at index: Int) -> Bool {
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        return switch index {
        case 0..<prefix.count: byte == prefix[index]
        case prefix.count..<(prefix.count + dateLength): isDigit
        case prefix.count + dateLength: byte == UInt8(ascii: "-")
        default: isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
    }

    private static func value(of byte: UInt8) -> UInt8 {
        byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : byte - UInt8(ascii: "a") + 10
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension JobID {
    /// The ids that begin with `text`; nil if no id can.
    package static func range(withPrefix text: String) -> ClosedRange<JobID>? {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= length, bytes.enumerated().allSatisfy({ fits($1, at: $0) }) else {
            return nil
        }
        let first = Array("job-000000000000-000000".utf8)
        let last = Array("job-999999999999-zzzzzz".utf8)
        guard let lower = JobID(utf8: bytes + first.dropFirst(bytes.count)),
            let upper = JobID(utf8: bytes + last.dropFirst(bytes.count))
        else { return nil }
        return lower...upper
    }

    /// The minute of creation, as the twelve digits of its date: later ones are larger.
    package var minute: UInt64 { date }

    /// The last part as a number: those that begin alike follow one another.
    package var suffixNumber: UInt32 { number }

    /// The last parts that begin with `text`, as numbers; nil if none can.
    package static func suffixNumbers(beginningWith text: String) -> ClosedRange<UInt32>? {
        guard (1...suffixLength).contains(text.utf8.count), text.utf8.allSatisfy({ fits($0, at: length - 1) }) else {
            return nil
        }
        var first: UInt64 = 0
        var count: UInt64 = 1
        for byte in text.utf8 { first = first * 36 + UInt64(value(of: byte)) }
        for _ in text.utf8.count..<suffixLength { (first, count) = (first * 36, count * 36) }
        return UInt32(first)...UInt32(first + count - 1)
    }
}

extension JobID: Comparable {
    package static func < (left: JobID, right: JobID) -> Bool {
        (left.date, left.number) < (right.date, right.number)
    }
}

extension JobID: CustomStringConvertible {
    package var description: String { text }
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
