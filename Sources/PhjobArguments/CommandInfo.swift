/// The description of a command or of a group of commands: pure data that help, completions and man pages render.
package struct CommandInfo: Equatable, Sendable {
    /// The word that is typed.
    package var name: String
    /// Other words for the same.
    package var aliases: [String]
    /// One lower-case fragment without a full stop.
    package var summary: String
    /// Paragraphs with an empty line between them. Lines that begin with a space are kept as they are, other lines
    /// are wrapped.
    package var discussion: String
    /// Command lines that work.
    package var examples: [CommandExample]
    /// Whether help and shells leave it out.
    package var isHidden: Bool
    /// Whether it takes the options that commands have in common.
    package var takesGlobalOptions: Bool
    /// The heading that it stands under in its group's help; comes from the group.
    package internal(set) var heading: String?
    /// The arguments, `--help` included; comes from the declarations.
    package internal(set) var arguments: [ArgumentInfo] = []
    /// The commands of a group; comes from the group.
    package internal(set) var subcommands: [CommandInfo] = []

    /// What a person declares about a command; the rest is filled in.
    package init(
        name: String,
        aliases: [String] = [],
        summary: String,
        discussion: String = "",
        examples: [(line: String, explanation: String)] = [],
        isHidden: Bool = false,
        takesGlobalOptions: Bool = true
    ) {
        self.name = name
        self.aliases = aliases
        self.summary = summary
        self.discussion = discussion
        self.examples = examples.map { CommandExample(line: $0.line, explanation: $0.explanation) }
        self.isHidden = isHidden
        self.takesGlobalOptions = takesGlobalOptions
    }

    /// The name and the aliases.
    package var words: [String] { [name] + aliases }

    /// Whether commands follow its name.
    package var isGroup: Bool { !subcommands.isEmpty }

    /// What help shows of the arguments.
    var visibleArguments: [ArgumentInfo] { arguments.filter { !$0.isHidden } }

    /// What help shows of the commands.
    var visibleSubcommands: [CommandInfo] { subcommands.filter { !$0.isHidden } }

    /// The same with global options, before the built-in ones, wherever they can stand: in commands that take them, and in
    /// groups.
    func adding(globals: [ArgumentInfo]) -> CommandInfo {
        guard !globals.isEmpty else { return self }
        var result = self
        if isGroup || takesGlobalOptions {
            let end = arguments.firstIndex { $0 == .help } ?? arguments.endIndex
            result.arguments.insert(contentsOf: globals, at: end)
        }
        result.subcommands = subcommands.map { $0.adding(globals: globals) }
        return result
    }

    /// This command and all below it that are not hidden, each with its path: `["phjob", "image", "list"]`.
    package func visibleTree(under parents: [String] = []) -> [(path: [String], info: CommandInfo)] {
        let path = parents + [name]
        return [(path, self)] + visibleSubcommands.flatMap { $0.visibleTree(under: path) }
    }

    /// The same with the hidden ones.
    func tree(under parents: [String] = []) -> [(path: [String], info: CommandInfo)] {
        let path = parents + [name]
        return [(path, self)] + subcommands.flatMap { $0.tree(under: path) }
    }
}
