/// Flags that the commands of a program have in common, written before or after a command's name. They change the context
/// that the command runs in.
///
/// ```
/// struct Verbosity: GlobalOptions {
///     var isVerbose = false
///
///     static let arguments: [ArgumentSpec<Self>] = [.flag("--verbose", to: \.isVerbose, help: "say more")]
///
///     func apply(to context: inout Context) { context.isVerbose = isVerbose }
/// }
/// ```
package protocol GlobalOptions<Context>: ArgumentGroup {
    /// What commands run in.
    associatedtype Context

    /// Checks what single flags cannot tell, such as two that exclude each other.
    func validate() throws(UsageError)

    /// Changes the context of the command that is about to run.
    func apply(to context: inout Context)
}

extension GlobalOptions {
    package func validate() throws(UsageError) {}
}

/// None, for programs and commands without.
struct NoGlobalOptions<Context>: GlobalOptions {
    static var arguments: [ArgumentSpec<Self>] { [] }

    func apply(to context: inout Context) {}
}

/// A command and global options, for words that can be meant for either.
struct CommandWithGlobalOptions<C: Command, G: GlobalOptions>: ArgumentGroup {
    var command = C()
    var globals = G()

    static var arguments: [ArgumentSpec<Self>] { [.group(\.command), .group(\.globals)] }
}
