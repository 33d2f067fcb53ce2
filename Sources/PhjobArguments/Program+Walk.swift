extension Program {
    /// The way from the root to the command that a command line means.
    struct Walk {
        let program: Program
        let environment: [String: String]
        let help: HelpRenderer
        private(set) var path: [String]
        private var node: CommandNode<Context>

        init(program: Program, environment: [String: String], help: HelpRenderer) {
            self.program = program
            self.environment = environment
            self.help = help
            path = [program.root.info.name]
            node = .group(program.root)
        }

        private var isAtRoot: Bool { path.count == 1 }

        /// The description of where the way has led so far.
        private func describe() -> CommandInfo {
            isAtRoot ? program.describe() : node.describe()
        }

        func usage() -> String {
            UsageLine.text(for: describe(), path: path)
        }

        mutating func resolve(_ arguments: ArraySlice<String>) throws(UsageError) -> Invocation<Context> {
            var rest = arguments
            while case .group(let group) = node {
                guard let word = rest.popFirst() else {
                    throw UsageError(.missingCommand(choices: choices(in: group)))
                }
                switch word {
                case "--help", "-h":
                    return printHelp()
                case "--version" where isAtRoot:
                    return .print(program.version + "\n")
                case "help" where group.child(named: word) == nil:
                    return try resolveHelp(rest)
                default:
                    try descend(to: word, in: group)
                }
            }
            guard case .command(let type) = node else { return printHelp() }
            return try bind(type, rest)
        }

        /// `help [command…]`; options among the words do not matter.
        private mutating func resolveHelp(_ words: ArraySlice<String>) throws(UsageError) -> Invocation<Context> {
            for word in words where !word.hasPrefix("-") {
                guard case .group(let group) = node else { break }
                try descend(to: word, in: group)
            }
            return printHelp()
        }

        private func printHelp() -> Invocation<Context> {
            .print(help.render(describe(), path: path))
        }

        private mutating func descend(to word: String, in group: CommandGroup<Context>) throws(UsageError) {
            if let child = group.child(named: word) {
                node = child
                path.append(child.declaration.name)
                return
            }
            if word.hasPrefix("-"), word != "-" {
                let name = String(word.prefix { $0 != "=" })
                let suggestion = Suggestion.best(for: name, among: isAtRoot ? ["--help", "--version"] : ["--help"])
                throw suggestion == nil
                    ? UsageError(.other("option \(name.quotedForMessage) must stand after a command"))
                    : UsageError(.unknownOption(name, suggestion: suggestion))
            }
            let visible = group.sections.flatMap(\.nodes).map(\.declaration).filter { !$0.isHidden }
            let suggestion = Suggestion.best(for: word, among: visible.flatMap(\.words) + ["help"])
            throw UsageError(.unknownCommand(word, suggestion: suggestion))
        }

        /// The commands to list in an error, if they fit into a line.
        private func choices(in group: CommandGroup<Context>) -> [String] {
            let names = group.sections.flatMap(\.nodes).map(\.declaration).filter { !$0.isHidden }.map(\.name)
            return names.count <= 8 ? names : []
        }

        private func bind<C: Command<Context>>(
            _ type: C.Type, _ words: ArraySlice<String>
        ) throws(UsageError) -> Invocation<Context> {
            var binder = ArgumentBinder<C>(policy: .everything)
            if try binder.bind(words, from: .commandLine) == .helpRequested {
                return printHelp()
            }
            try binder.bindEnvironment(environment)
            try binder.checkComplete()
            var command = binder.value
            try command.validate()
            return .run(CommandCall(path: path, command: command, usage: usage))
        }
    }
}
