import FoundationEssentials

/// The result, for people and for programs.
struct Report: Codable {
    let rows: [Row]

    var text: String {
        let cells = rows.map { row -> [String] in
            guard let spread = row.spread else { return [row.name, "-", "", "", "", row.detail] }
            let quartiles =
                spread.count > 1
                ? "\(row.measure.text(spread.lowerQuartile)) … \(row.measure.text(spread.upperQuartile))" : ""
            return [
                row.name, row.measure.text(spread.median), quartiles, row.target?.text ?? "", row.verdict.rawValue,
                row.detail,
            ]
        }
        let table = [["FIGURE", "MEDIAN", "QUARTILES", "TARGET", "", "IN ABSOLUTE NUMBERS"]] + cells
        let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { line in
            let padded = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let text = padded.joined(separator: "  ")
            return String(text.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }

    var json: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }
}
