/// A command with its arguments, ready to run.
package struct CommandCall<Context> {
    /// The names that lead to it, without aliases: `["phjob", "image", "list"]`.
    package let path: [String]
    /// The command, with what was given; validated.
    package let command: any Command<Context>
    /// What was given of the options that commands have in common; validated.
    let globals: any GlobalOptions<Context>
    let usage: () -> String

    /// Runs the command and returns its exit status.
    ///
    /// - Throws: what the command throws; a `UsageError` has the usage line.
    package func run(_ context: Context) throws -> Int32 {
        var context = context
        globals.apply(to: &context)
        do {
            return try command.run(context)
        } catch let error as UsageError {
            throw error.about(command: path.joined(separator: " "), usage: usage())
        }
    }
}
