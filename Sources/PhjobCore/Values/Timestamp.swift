package import FoundationEssentials

/// A moment in Unix time with millisecond resolution, written as ISO 8601 UTC (`2026-11-21T07:27:33.125Z`).
///
/// Whole milliseconds make a time equal to itself after a round trip through a file.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The moment of `date`, rounded to the nearest millisecond.
    package init(_ date: Date) {
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    }

    package var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

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
    /// Whole seconds go through Foundation, the milliseconds do not: it cuts them from a binary fraction, so that 7 become 6.
    package var description: String {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let (seconds, fraction) = remainder < 0 ? (quotient - 1, remainder + 1000) : (quotient, remainder)
        let text = Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle())
        return "\(text.dropLast()).\(String(fraction + 1000).dropFirst())Z"
    }

    /// Reads an ISO 8601 time with or without fractional seconds, and with any offset.
    ///
    /// Engines print up to nine fractional digits (`time.RFC3339Nano` of Go); what is finer than a millisecond is cut.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        var fraction: Int64 = 0
        if let dot = text.firstIndex(of: ".") {
            let digits = text[text.index(after: dot)...].prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty, let value = Int64((digits + "000").prefix(3)) else { return nil }
            fraction = value
            text.removeSubrange(dot..<digits.endIndex)
        }
        guard let date = try? Date.ISO8601FormatStyle().parse(text) else { return nil }
        self.init(milliseconds: Int64(date.timeIntervalSince1970.rounded()) * 1000 + fraction)
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
