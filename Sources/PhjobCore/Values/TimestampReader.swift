/// Reads `<YYYY>-<MM>-<DD>T<HH>:<MM>:<SS>`, a fraction if there is one, and `Z` or an offset (RFC 3339, section 5.6).
struct TimestampReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: some Collection<UInt8>) {
        // The longest that is looked at: nine digits of a fraction and an offset make 35.
        self.bytes = Array(bytes.prefix(64))
    }

    mutating func read() -> Timestamp? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("T"),
            let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60, take(":"),
            // A leap second is the first one of the next minute, as in Unix time.
            let second = number(2), second <= 60,
            let millisecond = fraction(), let offset = offset(), position == bytes.count,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let seconds = date.dayNumber * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Timestamp(milliseconds: seconds * 1000 + millisecond)
    }

    /// Milliseconds; 0 if there is no fraction.
    private mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        let start = position
        var milliseconds: Int64 = 0
        while let digit = digit() {
            if position - start <= 3 { milliseconds = milliseconds * 10 + digit }
        }
        guard position > start else { return nil }
        for _ in min(3, position - start)..<3 { milliseconds *= 10 }
        return milliseconds
    }

    /// Seconds that the local time is ahead of UTC.
    private mutating func offset() -> Int64? {
        if take("Z") { return 0 }
        let sign: Int64 = take("-") ? -1 : 1
        guard sign < 0 || take("+"), let hours = number(2), hours < 24 else { return nil }
        _ = take(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func number(_ count: Int) -> Int64? {
        var result: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            result = result * 10 + digit
        }
        return result
    }

    private mutating func digit() -> Int64? {
        guard position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) else {
            return nil
        }
        defer { position += 1 }
        return Int64(bytes[position] - UInt8(ascii: "0"))
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
