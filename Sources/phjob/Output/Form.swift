import PhjobCore

/// Names and values in two columns. Values are escaped, so that any text may stand there.
struct Form: Sendable {
    private var entries: [(name: String, value: String, style: Palette.Style)] = []

    /// Adds a line, unless there is no value.
    mutating func add(_ name: String, _ value: String?, _ style: Palette.Style = .plain) {
        if let value { entries.append((name, value, style)) }
    }

    /// The text. A value of several lines follows its name, indented.
    func text(palette: Palette = Palette(isOn: false)) -> String {
        let width = entries.map(\.name.count).max() ?? 0
        return entries.map { entry in
            let value = TerminalText.escaped(entry.value, keepingNewlines: true)
            guard value.contains("\n") else {
                let padding = String(repeating: " ", count: width - entry.name.count + 2)
                return "\(entry.name)\(padding)\(palette.paint(value, entry.style))\n"
            }
            let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
            let kept = lines.last == "" ? lines.dropLast() : lines[...]
            return "\(entry.name)\n" + kept.map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
        }.joined()
    }
}
