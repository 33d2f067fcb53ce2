/// Writes words into the properties of a new `Root`, by its declarations.
struct ArgumentBinder<Root: ArgumentGroup> {
    /// Which words may stand in a source.
    enum Policy {
        case everything
        /// A file's line: no positional words, no `--help`, and only these options if there is a list.
        case optionsOnly(allowed: [String]?)
    }

    /// How reading ended.
    enum Outcome {
        case bound
        case helpRequested
    }

    /// What has been read so far.
    private(set) var value = Root()

    private let policy: Policy
    private let members: [ArgumentMember<Root>]
    /// By each name: the member, and the word that the name stands for.
    private var named: [String: (index: Int, isInverse: Bool)] = [:]
    private let positionals: [Int]
    private let remaining: Int?
    /// The names under which members have been given.
    private var given: [Int: String] = [:]
    /// How many of the positionals are complete.
    private var completePositionals = 0

    init(policy: Policy) {
        let members = Root.members
        self.policy = policy
        self.members = members
        positionals = members.indices.filter { members[$0].info.kind == .positional }
        remaining = members.indices.first { members[$0].info.isRemaining }
        for (index, member) in members.enumerated() {
            for name in member.info.names {
                named[name] = (index, false)
            }
            for name in member.info.inverseNames {
                named[name] = (index, true)
            }
        }
    }

    /// Reads the words of one source.
    mutating func bind(_ words: ArraySlice<String>, from source: ArgumentSource) throws(UsageError) -> Outcome {
        var rest = words
        while let word = rest.popFirst() {
            switch Token(word) {
            case .separator:
                try bindLiteral(rest, from: source)
                return .bound
            case .long(let name, let attached):
                if name == "--help", case .everything = policy {
                    guard let attached else { return .helpRequested }
                    throw UsageError(.unexpectedValue(attached, option: name), from: source)
                }
                try bindOption(name, attached, &rest, source)
            case .short(let cluster):
                if try bindCluster(cluster, &rest, source) == .helpRequested {
                    return .helpRequested
                }
            case .word:
                if try bindWord(word, from: source) {
                    continue
                }
                guard let remaining, members[remaining].info.kind == .remaining(.firstWord) else {
                    throw unexpected(word, source)
                }
                try store([word] + rest, in: remaining, source)
                return .bound
            }
        }
        return .bound
    }

    /// Reads the variables of arguments that have not been given.
    mutating func bindEnvironment(_ environment: [String: String]) throws(UsageError) {
        for index in members.indices where given[index] == nil {
            if let name = members[index].info.environmentName, let text = environment[name], !text.isEmpty {
                try store(.value(text), in: index, as: members[index].info.displayName, .environment(name))
            }
        }
    }

    /// Checks that nothing is missing.
    func checkComplete() throws(UsageError) {
        for (index, member) in members.enumerated() where member.info.isRequired && given[index] == nil {
            let info = member.info
            guard info.isNamed else {
                throw UsageError(.missingArgument("<\(info.valueName)>", help: info.help))
            }
            let option = "\(info.displayName) <\(info.valueName)>"
            throw UsageError(.missingOption(option, environment: info.environmentName))
        }
    }

    // MARK: - Words by name

    private mutating func bindOption(
        _ name: String, _ attached: String?, _ rest: inout ArraySlice<String>, _ source: ArgumentSource
    ) throws(UsageError) {
        let (index, isInverse) = try member(named: name, source)
        let info = members[index].info
        guard info.kind == .option else {
            if let attached {
                throw UsageError(.unexpectedValue(attached, option: name), from: source)
            }
            return try store(isInverse ? .off : .on, in: index, as: name, source)
        }
        if let attached {
            return try store(.value(attached), in: index, as: name, source)
        }
        guard let next = rest.first, Token(next).canBeValue else {
            throw UsageError(.missingValue(option: "\(name) <\(info.valueName)>", next: rest.first), from: source)
        }
        rest.removeFirst()
        try store(.value(next), in: index, as: name, source)
    }

    /// Reads `-abc`: flags, of which the last may be an option whose value follows: `-n5`, `-n=5`, `-n 5`.
    private mutating func bindCluster(
        _ cluster: Substring, _ rest: inout ArraySlice<String>, _ source: ArgumentSource
    ) throws(UsageError) -> Outcome {
        if cluster.count > 1, named["--" + cluster] != nil {
            // `-image` is `--image` mistyped, not `-i` with the value `mage`.
            throw UsageError(.unknownOption("-" + cluster, suggestion: "--" + cluster), from: source)
        }
        var letters = cluster
        while let letter = letters.popFirst() {
            let name = "-\(letter)"
            if letter == "h", named[name] == nil, case .everything = policy {
                return .helpRequested
            }
            guard let index = named[name]?.index, members[index].info.kind == .option, !letters.isEmpty else {
                if letters.first == "=" {
                    _ = try member(named: name, source)
                    throw UsageError(.unexpectedValue(String(letters.dropFirst()), option: name), from: source)
                }
                try bindOption(name, nil, &rest, source)
                continue
            }
            let attached = letters.first == "=" ? letters.dropFirst() : letters
            try bindOption(name, String(attached), &rest, source)
            return .bound
        }
        return .bound
    }

    private func member(named name: String, _ source: ArgumentSource) throws(UsageError) -> (Int, Bool) {
        guard let found = named[name] else {
            var candidates = members.filter { !$0.info.isHidden }.flatMap { $0.info.names + $0.info.inverseNames }
            if case .everything = policy {
                candidates.append("--help")
            }
            let suggestion = Suggestion.best(for: name, among: candidates)
            throw UsageError(.unknownOption(name, suggestion: suggestion), from: source)
        }
        if case .optionsOnly(let allowed?) = policy, !members[found.index].info.names.contains(where: allowed.contains)
        {
            throw UsageError(.optionNotAllowedHere(name), from: source)
        }
        return found
    }

    // MARK: - Words by place

    /// Gives a word to the next positional; false if there is none.
    private mutating func bindWord(_ word: String, from source: ArgumentSource) throws(UsageError) -> Bool {
        guard case .everything = policy, completePositionals < positionals.count else { return false }
        let index = positionals[completePositionals]
        try store(.value(word), in: index, as: "", source)
        if !members[index].info.isRepeatable {
            completePositionals += 1
        }
        return true
    }

    /// Reads what stands after `--`.
    private mutating func bindLiteral(
        _ words: ArraySlice<String>, from source: ArgumentSource
    ) throws(UsageError) {
        if case .everything = policy, let remaining {
            return try store(Array(words), in: remaining, source)
        }
        for word in words {
            guard try bindWord(word, from: source) else {
                throw unexpected(word, source)
            }
        }
    }

    private func unexpected(_ word: String, _ source: ArgumentSource) -> UsageError {
        var hint: String?
        if case .optionsOnly = policy {
            hint = "only options can stand here"
        } else if remaining != nil {
            hint = "put a command after '--'"
        }
        return UsageError(.unexpectedArgument(word, hint: hint), from: source)
    }

    // MARK: - Values

    private mutating func store(
        _ words: [String], in index: Int, _ source: ArgumentSource
    ) throws(UsageError) {
        for word in words {
            try store(.value(word), in: index, as: "", source)
        }
    }

    private mutating func store(
        _ word: ArgumentWord, in index: Int, as name: String, _ source: ArgumentSource
    ) throws(UsageError) {
        let info = members[index].info
        if let earlier = given[index], !info.isRepeatable {
            switch info.kind {
            case .option:
                throw UsageError(.repeatedOption(name), from: source)
            case .flag where info.inverseNames.contains(earlier) != info.inverseNames.contains(name):
                throw UsageError(.conflict(earlier, name), from: source)
            default:
                break
            }
        }
        given[index] = name
        do {
            try members[index].store(&value, word, source)
        } catch {
            guard case .value(let text) = word else { return }
            let argument = info.isNamed ? info.displayName : "<\(info.valueName)>"
            throw UsageError(.invalidValue(text, argument: argument, reason: error.reason), from: source)
        }
    }
}
