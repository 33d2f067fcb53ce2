/// Writes help for people.
package struct HelpRenderer: Sendable {
    /// The width for anything but a terminal.
    package static let defaultWidth = 80

    /// The columns that may be used.
    private let width: Int
    /// Where the right column begins.
    private let column: Int

    /// A renderer for a width in columns; less than 40 is taken as 40, more than 120 as 120.
    package init(width: Int = Self.defaultWidth) {
        self.width = min(max(width, 40), 120)
        column = self.width < 70 ? 10 : 26
    }

    /// The help of a command or group. Ends with a newline, and has no spaces at the end of a line.
    ///
    /// - Parameter path: the names that lead to it, its own included
    package func render(_ info: CommandInfo, path: [String]) -> String {
        var parts = [wrapped(info.summary, indent: 0), usage(info, path)]
        parts += TextWrapping.blocks(of: info.discussion).map { block in
            switch block {
            case .paragraph(let text): wrapped(text, indent: 0)
            case .verbatim(let lines): lines.map(Self.withoutTrailingSpaces)
            }
        }
        if !info.examples.isEmpty {
            parts.append(["Examples:"] + info.examples.flatMap(example))
        }
        for section in info.commandSections {
            parts.append(["\(section.heading):"] + section.entries.flatMap(command))
        }
        if !info.visiblePositionals.isEmpty {
            parts.append(["Arguments:"] + info.visiblePositionals.flatMap { entry($0.label, $0.fullHelp) })
        }
        for section in info.optionSections {
            parts.append(
                ["\(section.heading):"] + section.entries.flatMap { entry($0.alignedLabel, $0.fullHelp) })
        }
        if info.isGroup, let root = path.first {
            let words = [root, "help"] + path.dropFirst() + ["<command>"]
            parts.append(wrapped("'\(words.joined(separator: " "))' shows the help of a command.", indent: 0))
        }
        return parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private func usage(_ info: CommandInfo, _ path: [String]) -> [String] {
        let title = "Usage: "
        let lines = TextWrapping.lines(of: UsageLine.parts(for: info, path: path), width: width - title.count)
        let aliases = info.aliases.map { (path.dropLast() + [$0]).joined(separator: " ") }
        return lines.enumerated().map { ($0 == 0 ? title : "       ") + $1 }
            + (aliases.isEmpty ? [] : wrapped("Also: " + aliases.joined(separator: ", "), indent: 0))
    }

    private func example(_ example: CommandExample) -> [String] {
        // A command line stays in one piece, so that it can be copied.
        ["  \(example.line)"] + wrapped(example.explanation, indent: 6)
    }

    private func command(_ info: CommandInfo) -> [String] {
        entry(info.words.joined(separator: ", "), info.summary)
    }

    /// A label in the left column, and text in the right one; below it if the label is too long.
    private func entry(_ label: String, _ text: String) -> [String] {
        let label = "  " + label
        let lines = wrapped(text, indent: column)
        guard label.count <= column - 2, let first = lines.first else { return [label] + lines }
        return [label + first.dropFirst(label.count)] + lines.dropFirst()
    }

    private func wrapped(_ text: String, indent: Int) -> [String] {
        let indentation = String(repeating: " ", count: indent)
        return TextWrapping.lines(of: text, width: width - indent).map { indentation + $0 }
    }

    private static func withoutTrailingSpaces(_ line: String) -> String {
        var line = line[...]
        while line.last == " " {
            line.removeLast()
        }
        return String(line)
    }
}
