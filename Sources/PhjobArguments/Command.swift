/// One verb of a program: a struct whose stored properties are its arguments.
///
/// ```
/// struct CancelCommand: Command {
///     var jobs: [JobID] = []
///
///     static let info = CommandInfo(
///         name: "cancel", summary: "cancel jobs",
///         examples: [("phjob cancel @", "cancel the newest job")])
///     static let arguments: [ArgumentSpec<Self>] = [
///         .positional("job", to: \.jobs, help: "the jobs' ids", required: true, completion: .dynamic("jobs"))
///     ]
///
///     func run(_ context: Context) throws -> Int32 { … }
/// }
/// ```
package protocol Command<Context>: ArgumentGroup {
    /// What a command needs from outside: output, a client, the clock.
    associatedtype Context

    /// Name, summary and examples. A `static let`; its arguments are filled in from `arguments`.
    static var info: CommandInfo { get }

    /// Checks what single values cannot tell, without I/O: conflicts, and what depends on each other. May also bring
    /// values into their final form.
    mutating func validate() throws(UsageError)

    /// Does the work and returns the exit status. A `UsageError` thrown here is completed with the usage line too.
    func run(_ context: Context) throws -> Int32
}

extension Command {
    package mutating func validate() throws(UsageError) {}

    /// The whole description.
    package static func describe() -> CommandInfo {
        var result = info
        result.arguments = argumentInfos() + [.help]
        return result
    }
}
