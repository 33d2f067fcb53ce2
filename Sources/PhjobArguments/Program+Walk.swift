extension Program {
    /// The way from the root to the command that a command line means.
    struct Walk {
        let program: Program
        let environment: [String: String]
        let help: HelpRenderer
        private(set) var path: [String]
        private var node: CommandNode<Context>
        /// Global options that stood before the command's name.
        private var early: [String] = []

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
            isAtRoot ? program.describe() : node.describe().adding(globals: program.globals.argumentInfos())
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
                case _ where globalNames.contains(Self.name(of: word)):
                    early.append(word)
                default:
                    try descend(to: word, in: group)
                }
            }
            guard case .command(let type) = node else { return printHelp() }
            let globals = type.info.takesGlobalOptions ? program.globals : NoGlobalOptions<Context>.self
            return try bind(type, globals, rest)
        }

        private var globalNames: [String] {
            program.globals.argumentInfos().flatMap { $0.names + $0.inverseNames }
        }

        /// `--name` of `--name=value`.
        private static func name(of word: String) -> String { String(word.prefix { $0 != "=" }) }

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
                let name = Self.name(of: word)
                let known = globalNames + (isAtRoot ? ["--help", "--version"] : ["--help"])
                let suggestion = Suggestion.best(for: name, among: known)
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

        private func bind<C: Command<Context>, G: GlobalOptions<Context>>(
            _ type: C.Type, _ globals: G.Type, _ words: ArraySlice<String>
        ) throws(UsageError) -> Invocation<Context> {
            var binder = ArgumentBinder<CommandWithGlobalOptions<C, G>>(policy: .everything)
            for words in [early[...], words] where try binder.bind(words, from: .commandLine) == .helpRequested {
                return printHelp()
            }
            try binder.bindEnvironment(environment)
            try binder.checkComplete()
            var value = binder.value
            try value.command.validate()
            try value.globals.validate()
            return .run(CommandCall(path: path, command: value.command, globals: value.globals, usage: usage))
        }
    }
}
