extension CommandInfo {
    /// What is wrong with the declarations of this command and of those below it; a test should see it empty.
    package func problems() -> [String] {
        tree().flatMap { path, info in
            var problems = info.textProblems()
            problems += info.subcommandProblems()
            problems += info.nameProblems()
            problems += info.orderProblems()
            problems += info.arguments.flatMap { $0.problems() }
            return problems.map { "\(path.joined(separator: " ")): \($0)" }
        }
    }

    private func textProblems() -> [String] {
        var problems: [String] = []
        if !name.isWord {
            problems.append("the name is not a word")
        }
        problems += aliases.filter { !$0.isWord }.map { "the alias '\($0)' is not a word" }
        if let problem = summary.fragmentProblem {
            problems.append("the summary \(problem)")
        }
        if examples.isEmpty, !isGroup, !isHidden {
            problems.append("there is no example")
        }
        for example in examples {
            if let problem = example.explanation.fragmentProblem {
                problems.append("the explanation of '\(example.line)' \(problem)")
            }
        }
        return problems
    }

    private func subcommandProblems() -> [String] {
        Self.repeated(subcommands.flatMap(\.words)).map { "the command '\($0)' exists twice" }
    }

    private func nameProblems() -> [String] {
        let names = arguments.flatMap { $0.names + $0.inverseNames }
        let places = arguments.filter { !$0.isNamed }.map { "<\($0.valueName)>" }
        return Self.repeated(names + places).map { "'\($0)' exists twice" }
    }

    private func orderProblems() -> [String] {
        var problems: [String] = []
        var earlier: ArgumentInfo?
        for argument in arguments where !argument.isNamed {
            if let earlier {
                if earlier.isRemaining {
                    problems.append("'\(argument.displayName)' stands after '\(earlier.displayName)', which takes all")
                } else if earlier.isRepeatable, argument.kind != .remaining(.separator) {
                    problems.append("'\(argument.displayName)' stands after the repeatable '\(earlier.displayName)'")
                } else if argument.isRequired, !earlier.isRequired, argument.kind != .remaining(.separator) {
                    problems.append("the required '\(argument.displayName)' stands after an optional argument")
                }
            }
            earlier = argument
        }
        return problems
    }

    private static func repeated(_ words: [String]) -> [String] {
        var seen: Set<String> = []
        return words.filter { !seen.insert($0).inserted }
    }
}

extension ArgumentInfo {
    fileprivate func problems() -> [String] {
        var problems: [String] = []
        if let problem = help.fragmentProblem {
            problems.append("the help of '\(displayName)' \(problem)")
        }
        if isNamed, names.isEmpty {
            problems.append("an option has no name: \(help)")
        }
        problems += (names + inverseNames).filter { !$0.isOptionName }.map { "'\($0)' is not an option's name" }
        if !isNamed || kind == .option, valueName.isEmpty || valueName.contains(where: \.isWhitespace) {
            problems.append("the value name of '\(displayName)' is not a word")
        }
        if let environmentName, !environmentName.isVariableName {
            problems.append("'\(environmentName)' is not the name of an environment variable")
        }
        if isHidden, isRequired {
            problems.append("'\(displayName)' is hidden but required")
        }
        return problems
    }
}

extension String {
    /// What keeps the text from being a lower-case fragment without a full stop, as `… is empty`.
    fileprivate var fragmentProblem: String? {
        guard let first, let last else { return "is empty" }
        if last == "." {
            return "ends with a full stop"
        }
        if contains("\n") || first.isWhitespace || last.isWhitespace {
            return "has line breaks, or spaces around it"
        }
        // A capital may begin a name or an abbreviation: `CPUs of the job`, `JSON instead of a table`.
        let second = dropFirst().first
        return first.isUppercase && second?.isLowercase == true ? "begins with a capital letter" : nil
    }

    fileprivate var isWord: Bool {
        guard let first = utf8.first, first != UInt8(ascii: "-") else { return false }
        return utf8.allSatisfy { $0.isLowerOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    fileprivate var isOptionName: Bool {
        if hasPrefix("--") {
            return dropFirst(2).count > 1 && String(dropFirst(2)).isWord
        }
        guard utf8.count == 2, hasPrefix("-"), let letter = last else { return false }
        return letter.isASCII && letter.isLetter
    }

    fileprivate var isVariableName: Bool {
        guard let first = utf8.first, !(48...57).contains(first) else { return false }
        return utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
    }
}

extension UInt8 {
    fileprivate var isLowerOrDigit: Bool { (97...122).contains(self) || (48...57).contains(self) }
}
