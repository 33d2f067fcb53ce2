/// Writes manual pages: one for the root and one for each command and group that is not hidden.
package struct ManPageRenderer: Sendable {
    private let version: String
    private let date: String

    /// A renderer; both texts appear in the pages' footers, and either may be empty.
    package init(version: String, date: String = "") {
        self.version = version
        self.date = date
    }

    /// All pages for a program's description (`Program.describe()`).
    package func pages(for root: CommandInfo) -> [ManPage] {
        root.visibleTree().map { path, info in
            ManPage(fileName: "\(path.joined(separator: "-")).1", text: page(path, info))
        }
    }

    private func page(_ path: [String], _ info: CommandInfo) -> String {
        let title = path.joined(separator: "-")
        var lines = [
            ".TH \(quoted(title.uppercased())) 1 \(quoted(date)) \(quoted(version)) \(quoted("\(path[0]) manual"))",
            ".SH NAME", "\(text(title)) \\- \(text(info.summary))",
            ".SH SYNOPSIS", ".B \(text(path.joined(separator: " ")))",
            text(UsageLine.parts(for: info, path: path).dropFirst().joined(separator: " ")),
        ]
        for alias in info.aliases {
            lines += [".PP", "Also: \\fB\(text((path.dropLast() + [alias]).joined(separator: " ")))\\fR"]
        }
        if !info.discussion.isEmpty {
            lines += [".SH DESCRIPTION"] + TextWrapping.blocks(of: info.discussion).flatMap(block)
        }
        for section in info.commandSections {
            lines += [".SH \(quoted(section.heading.uppercased()))"]
            for child in section.entries {
                lines += [".TP", "\\fB\(text(child.words.joined(separator: ", ")))\\fR", text(child.summary)]
            }
        }
        if !info.visiblePositionals.isEmpty {
            lines += [".SH ARGUMENTS"] + info.visiblePositionals.flatMap(argument)
        }
        for section in info.optionSections {
            lines += [".SH \(quoted(section.heading.uppercased()))"] + section.entries.flatMap(argument)
        }
        if !info.examples.isEmpty {
            lines.append(".SH EXAMPLES")
            for example in info.examples {
                lines += [".TP", "\\fB\(text(example.line))\\fR", text(example.explanation)]
            }
        }
        let related = related(to: path, info)
        if !related.isEmpty {
            lines += [".SH SEE ALSO", related.map { "\\fB\(text($0))\\fR(1)" }.joined(separator: ", ")]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func related(to path: [String], _ info: CommandInfo) -> [String] {
        let parents = path.count > 1 ? [path.dropLast().joined(separator: "-")] : []
        return parents + info.visibleSubcommands.map { (path + [$0.name]).joined(separator: "-") }
    }

    private func argument(_ info: ArgumentInfo) -> [String] {
        [".TP", "\\fB\(text(info.label))\\fR", text(info.fullHelp)]
    }

    private func block(_ block: TextWrapping.Block) -> [String] {
        switch block {
        case .paragraph(let paragraph): [".PP", text(paragraph)]
        case .verbatim(let lines): [".PP", ".nf"] + lines.map(text) + [".fi"]
        }
    }

    /// An argument of a macro.
    private func quoted(_ argument: String) -> String {
        "\"" + text(argument).substituting("\"", by: "\\(dq") + "\""
    }

    /// Text that roff shows as it is.
    private func text(_ source: String) -> String {
        var result = ""
        for character in source {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "~": result += "\\(ti"
            case "^": result += "\\(ha"
            default: result.append(character)
            }
        }
        return result.hasPrefix(".") ? "\\&" + result : result
    }
}
