/// What a shell offers where a value is expected.
package enum CompletionKind: Equatable, Sendable {
    case none
    case file
    case directory
    /// One of these texts.
    case values([String])
    /// What the program itself prints when the shell asks `<program> __complete <kind> <prefix>`: one candidate a
    /// line, with an explanation after a tab if there is one.
    case dynamic(String)

    /// The name of the hidden command that the shells' scripts call for `dynamic` candidates. The program declares it.
    package static let commandName = "__complete"
}
