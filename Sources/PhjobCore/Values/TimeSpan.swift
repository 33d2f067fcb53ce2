/// A length of time in whole seconds, written on the command line with a unit: `90s`, `15m`, `24h`, `7d`, `1h30m`.
package struct TimeSpan: Sendable, Hashable {
    package var seconds: Int64

    package init(seconds: Int64) {
        self.seconds = seconds
    }

    private static let units: [(suffix: Character, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

    /// Reads a span. A bare number is refused, except `0`: people disagree whether it means minutes or seconds.
    ///
    /// - Throws: ``InvalidValue`` that says what is wrong with the text.
    package init(parsing text: String) throws(InvalidValue) {
        let example = "write a number with a unit, such as 90s, 15m, 24h or 7d"
        if text == "0" {
            self.init(seconds: 0)
            return
        }
        var total: Int64 = 0
        var digits = ""
        var remaining = Self.units[...]
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = remaining.firstIndex(where: { $0.suffix == character }), let number = Int64(digits) else {
                throw InvalidValue("'\(TerminalText.quoted(text))' is not a duration; \(example)")
            }
            let (part, overflow) = number.multipliedReportingOverflow(by: Self.units[unit].seconds)
            let (sum, overflowed) = total.addingReportingOverflow(part)
            guard !overflow, !overflowed, sum <= 100 * 366 * 86_400 else {
                throw InvalidValue("'\(TerminalText.quoted(text))' is longer than a hundred years")
            }
            total = sum
            digits = ""
            remaining = Self.units[(unit + 1)...]
        }
        guard digits.isEmpty else { throw InvalidValue("'\(TerminalText.quoted(text))' has no unit; \(example)") }
        guard !text.isEmpty else { throw InvalidValue("a duration may not be empty; \(example)") }
        self.init(seconds: total)
    }

    /// `1d 02:03:04`, or `02:03:04` below a day: as PrimeHub shows a job's duration.
    package var clock: String {
        let clamped = max(0, seconds)
        let days = clamped / 86_400
        let rest = [clamped / 3600 % 24, clamped / 60 % 60, clamped % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return (days > 0 ? "\(days)d " : "") + rest.joined(separator: ":")
    }

    /// The two largest units: `3d 4h`, `2h 5m`, `45s`. Reads back by ``init(parsing:)`` when the space is left out.
    package var short: String {
        guard seconds > 0 else { return "0s" }
        var rest = seconds
        var parts: [String] = []
        for unit in Self.units where parts.count < 2 {
            let number = rest / unit.seconds
            rest %= unit.seconds
            if number > 0 {
                parts.append("\(number)\(unit.suffix)")
            } else if !parts.isEmpty {
                break
            }
        }
        return parts.joined(separator: " ")
    }
}
