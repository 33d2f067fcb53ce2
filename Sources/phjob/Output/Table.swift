import PhjobCore

/// Rows under upper-case headers, without borders. Its cells are escaped, so that any text may stand in them.
struct Table: Sendable {
    struct Column: Sendable {
        var header: String
        /// To how many columns it may be cut if the terminal is too narrow; nil if it is kept whole.
        var minimum: Int?
        /// Whether it goes altogether if that is not enough; the first goes first.
        var isDroppable: Bool

        init(_ header: String, cuttableTo minimum: Int? = nil, droppable isDroppable: Bool = false) {
            self.header = header
            self.minimum = minimum
            self.isDroppable = isDroppable
        }
    }

    struct Cell: Sendable, ExpressibleByStringInterpolation {
        var text: String
        var style: Palette.Style

        init(_ text: String, _ style: Palette.Style = .plain) {
            self.text = TerminalText.escaped(text)
            self.style = style
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    private static let gap = 2

    /// The lines.
    ///
    /// - Parameters:
    ///   - width: the terminal's columns; nil if nothing is to be cut.
    func lines(width: Int?, palette: Palette = Palette(isOn: false)) -> [String] {
        let (widths, excess) = widths(fitting: width)
        if excess > 0, let index = columns.firstIndex(where: \.isDroppable) {
            return dropping(index).lines(width: width, palette: palette)
        }
        let header = columns.map { Cell($0.header) }
        return ([header] + rows).map { line($0, widths, limit: width, palette) }
    }

    private func dropping(_ index: Int) -> Table {
        var result = self
        result.columns.remove(at: index)
        for row in result.rows.indices { result.rows[row].remove(at: index) }
        return result
    }

    /// - Returns: the columns' widths, and by how much they are still too wide together.
    private func widths(fitting width: Int?) -> (widths: [Int], excess: Int) {
        var widths = columns.indices.map { index in
            max(DisplayWidth.of(columns[index].header), rows.map { DisplayWidth.of($0[index].text) }.max() ?? 0)
        }
        guard let width else { return (widths, 0) }
        var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - width
        // The widest give first.
        while excess > 0 {
            let candidates = columns.indices.filter { widths[$0] > max(columns[$0].minimum ?? .max, 1) }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return (widths, excess)
    }

    private func line(_ cells: [Cell], _ widths: [Int], limit: Int?, _ palette: Palette) -> String {
        var result = ""
        var used = 0
        for (index, cell) in cells.enumerated() {
            if let limit, used >= limit { break }
            let room = min(widths[index], limit.map { $0 - used } ?? .max)
            let text = DisplayWidth.cut(cell.text, to: room)
            result += palette.paint(text, cell.style)
            used += widths[index]
            let isLast = cells[(index + 1)...].allSatisfy(\.text.isEmpty)
            if isLast { break }
            result += String(repeating: " ", count: min(widths[index], room) - DisplayWidth.of(text))
            let gap = min(Self.gap, limit.map { max(0, $0 - used) } ?? Self.gap)
            result += String(repeating: " ", count: gap)
            used += gap
        }
        return result
    }
}

extension Context {
    /// Prints a table, cut to the width of a terminal and never when piped.
    func print(_ table: Table) throws {
        let lines = table.lines(width: output.terminal?.columns, palette: output.palette)
        try output.write(lines.map { $0 + "\n" }.joined())
    }
}
