/// A moment in Unix time with millisecond resolution, written as ISO 8601 UTC (`2026-11-21T07:27:33.125Z`).
///
/// Whole milliseconds make a time equal to itself after a round trip through a file.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// This moment moved by whole seconds; stays at the last representable moment rather than overflowing.
    package func adding(seconds: Int64) -> Timestamp {
        let (shift, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, overflowed) = milliseconds.addingReportingOverflow(shift)
        guard !overflow, !overflowed else { return Timestamp(milliseconds: seconds < 0 ? .min : .max) }
        return Timestamp(milliseconds: sum)
    }

    /// Seconds from `earlier` to this moment; negative if this one comes first.
    package func seconds(since earlier: Timestamp) -> Double {
        Double(milliseconds - earlier.milliseconds) / 1000
    }
}

extension Timestamp: CustomStringConvertible {
    package var description: String {
        let (day, millisecond) = milliseconds.flooredDivision(by: 86_400_000)
        let date = CivilDate(dayNumber: day)
        var text = Self.digits(date.year, 4)
        text += "-" + Self.digits(date.month, 2)
        text += "-" + Self.digits(date.day, 2)
        text += "T" + Self.digits(millisecond / 3_600_000, 2)
        text += ":" + Self.digits(millisecond / 60_000 % 60, 2)
        text += ":" + Self.digits(millisecond / 1000 % 60, 2)
        return text + "." + Self.digits(millisecond % 1000, 3) + "Z"
    }

    private static func digits(_ number: Int64, _ count: Int) -> String {
        let digits = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
    }

    /// Reads an ISO 8601 time with or without fractional seconds, and with any offset.
    ///
    /// Engines print up to nine fractional digits (`time.RFC3339Nano` of Go); what is finer than a millisecond is cut.
    package init?(_ text: some StringProtocol) {
        var reader = TimestampReader(text.utf8)
        guard let time = reader.read() else { return nil }
        self = time
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an ISO 8601 time")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
