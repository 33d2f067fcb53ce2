/// What a command line asks for. Printing and exiting are up to the caller.
package enum Invocation<Context> {
    /// Run a command.
    case run(CommandCall<Context>)
    /// Print help or the version to stdout, and end with 0. The text ends with a newline.
    case print(String)
    /// Print the error's description to stderr, and end with `UsageError.exitStatus`.
    case fail(UsageError)
}
