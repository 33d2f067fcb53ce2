extension ArgumentInfo {
    /// What stands in the left column of help: `-i, --image <name>`, `<job>...`.
    var label: String {
        guard isNamed else { return "<\(valueName)>\(isRepeatable ? "..." : "")" }
        let names = shortFirst + inverseNames
        return names.joined(separator: ", ") + (kind == .option ? " <\(valueName)>" : "")
    }

    /// The same, with long names under each other where others have a short one.
    var alignedLabel: String {
        guard isNamed, shortFirst.first?.hasPrefix("--") == true else { return label }
        return "    " + label
    }

    /// The short names, then the long ones.
    var shortFirst: [String] {
        names.filter { !$0.hasPrefix("--") } + names.filter { $0.hasPrefix("--") }
    }

    /// What help says beside the help text: `default: base`, `environment: PHJOB_IMAGE`.
    var notes: [String] {
        var notes: [String] = []
        if isRequired, kind == .option {
            notes.append("required")
        }
        if !validValues.isEmpty {
            notes.append("one of: " + validValues.joined(separator: ", "))
        }
        if let defaultText {
            notes.append("default: \(defaultText.printable)")
        }
        if let environmentName {
            notes.append("environment: \(environmentName)")
        }
        if isRepeatable, kind == .option {
            notes.append("can be repeated")
        }
        return notes
    }

    /// The help text with the notes.
    var fullHelp: String {
        notes.isEmpty ? help : "\(help) (\(notes.joined(separator: "; ")))"
    }
}
