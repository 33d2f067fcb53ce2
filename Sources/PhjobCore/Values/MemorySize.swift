/// An amount of memory or storage in bytes, written `512M` or `1.5G`.
///
/// As in PrimeHub's container limits, `K`, `M`, `G` and `T` count in steps of 1024, with or without a following `i`/`B`.
package struct MemorySize: Sendable, Hashable, Comparable {
    package var bytes: Int64

    package init(bytes: Int64) {
        self.bytes = bytes
    }

    package static func < (left: MemorySize, right: MemorySize) -> Bool { left.bytes < right.bytes }

    private static let units: [(suffix: String, bytes: Int64)] = [
        ("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10),
    ]

    /// Reads an amount with its unit.
    ///
    /// - Throws: ``InvalidValue`` for a missing unit, a negative or an overflowing number.
    package init(parsing text: String) throws(InvalidValue) {
        var number = text.uppercased()
        if number.hasSuffix("B") { number.removeLast() }
        if number.hasSuffix("I") { number.removeLast() }
        guard let unit = Self.units.first(where: { number.hasSuffix($0.suffix) }) else {
            throw InvalidValue(
                "'\(TerminalText.quoted(text))' is not an amount of memory; write a number with a unit, such as 512M or 8G"
            )
        }
        number.removeLast()
        let plain = number.allSatisfy { ($0.isASCII && $0.isNumber) || $0 == "." }
        guard plain, let value = Double(number), value.isFinite else {
            throw InvalidValue(
                "'\(TerminalText.quoted(text))' is not an amount of memory; write a number with a unit, such as 512M or 8G"
            )
        }
        let bytes = (value * Double(unit.bytes)).rounded()
        guard bytes < 9e18 else {
            throw InvalidValue("'\(TerminalText.quoted(text))' is more memory than can be counted")
        }
        self.init(bytes: Int64(bytes))
    }
}

extension MemorySize: CustomStringConvertible {
    /// The amount in the largest unit that gives at least 1, with at most one decimal: `1.5G`, `512M`, `900B`.
    package var description: String {
        guard let unit = Self.units.first(where: { bytes >= $0.bytes }) else { return "\(bytes)B" }
        let tenths = (Double(bytes) / Double(unit.bytes) * 10).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int64(tenths))\(unit.suffix)" : "\(tenths)\(unit.suffix)"
    }
}

extension MemorySize: Codable {
    package init(from decoder: any Decoder) throws {
        bytes = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}
