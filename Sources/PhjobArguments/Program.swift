/// A program made of commands: from its arguments to what it should do.
///
/// ```
/// let program = Program(root: CommandGroup<Context>(
///     CommandInfo(name: "phjob", summary: "run batch jobs in containers"),
///     sections: [
///         .init("Jobs", [.command(SubmitCommand.self), .command(ListCommand.self)]),
///         .init("Catalogue", [.group(CommandGroup(
///             CommandInfo(name: "image", summary: "the images that jobs can use"),
///             [.command(ImageListCommand.self)]))]),
///     ]), version: "phjob 1.0")
///
/// switch program.resolve(Array(CommandLine.arguments.dropFirst()), environment: environment) {
/// case .run(let call): exit(try call.run(context))
/// case .print(let text): …
/// case .fail(let error): …
/// }
/// ```
package struct Program<Context>: Sendable {
    let root: CommandGroup<Context>
    let globals: any GlobalOptions<Context>.Type
    /// What `--version` prints.
    package let version: String

    /// A program with its tree of commands.
    ///
    /// - Parameter globals: flags of every command whose ``CommandInfo/takesGlobalOptions`` does not say otherwise.
    package init(
        root: CommandGroup<Context>, globals: (any GlobalOptions<Context>.Type)? = nil, version: String
    ) {
        self.root = root
        self.globals = globals ?? NoGlobalOptions<Context>.self
        self.version = version
    }

    /// The description of everything, for completions, man pages and self-checks.
    package func describe() -> CommandInfo {
        var result = root.describe()
        result.arguments.append(.version)
        return result.adding(globals: globals.argumentInfos())
    }

    /// Decides what a command line asks for.
    ///
    /// - Parameters:
    ///   - arguments: without the program's own name
    ///   - environment: where options with an `environment` name are looked up
    ///   - helpWidth: the columns that help may use: the terminal's, or 80
    package func resolve(
        _ arguments: [String], environment: [String: String] = [:], helpWidth: Int = HelpRenderer.defaultWidth
    ) -> Invocation<Context> {
        var walk = Walk(program: self, environment: environment, help: HelpRenderer(width: helpWidth))
        do {
            return try walk.resolve(arguments[...])
        } catch {
            return .fail(error.about(command: walk.path.joined(separator: " "), usage: walk.usage()))
        }
    }

    /// What is wrong with the declarations; a test should see it empty. Beside `CommandInfo.problems()`, every
    /// example that calls this program must be accepted.
    package func problems() -> [String] {
        let info = describe()
        return info.problems()
            + info.tree().flatMap { path, info in
                info.examples.flatMap { exampleProblems($0).map { "\(path.joined(separator: " ")): \($0)" } }
            }
    }

    private func exampleProblems(_ example: CommandExample) -> [String] {
        let words: [String]
        do {
            words = try ShellWords.split(example.line)
        } catch {
            return ["example '\(example.line)': \(error)"]
        }
        let operators = ["|", "||", "&&", ";", "&", ">", ">>", "<"]
        return words.split { operators.contains($0) }.compactMap { words in
            guard words.first == root.info.name, case .fail(let error) = resolve(Array(words.dropFirst())) else {
                return nil
            }
            return "example '\(example.line)': \(error.message)"
        }
    }
}
