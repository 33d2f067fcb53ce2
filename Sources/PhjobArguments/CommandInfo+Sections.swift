extension CommandInfo {
    /// Entries of help under one heading.
    struct Headed<Entry> {
        let heading: String
        var entries: [Entry]
    }

    /// The words that are known by their place.
    var visiblePositionals: [ArgumentInfo] { visibleArguments.filter { !$0.isNamed } }

    /// The options under their headings: the general ones first, unless those are the built-in ones alone.
    var optionSections: [Headed<ArgumentInfo>] {
        let options = visibleArguments.filter(\.isNamed)
        var sections = Self.headed(options.map { ($0.section ?? "Options", $0) })
        if let general = sections.firstIndex(where: { $0.heading == "Options" }) {
            let section = sections.remove(at: general)
            let isBuiltIn = section.entries.allSatisfy { $0 == .help || $0 == .version }
            sections.insert(section, at: isBuiltIn ? sections.endIndex : 0)
        }
        return sections
    }

    /// The commands under their headings.
    var commandSections: [Headed<CommandInfo>] {
        Self.headed(visibleSubcommands.map { ($0.heading ?? "Commands", $0) })
    }

    private static func headed<Entry>(_ entries: [(String, Entry)]) -> [Headed<Entry>] {
        var result: [Headed<Entry>] = []
        for (heading, entry) in entries {
            if let index = result.firstIndex(where: { $0.heading == heading }) {
                result[index].entries.append(entry)
            } else {
                result.append(Headed(heading: heading, entries: [entry]))
            }
        }
        return result
    }
}
