/// A command line that works, and what it does.
package struct CommandExample: Equatable, Sendable {
    /// As typed into a shell; a self-check parses it.
    package let line: String
    /// One lower-case fragment without a full stop.
    package let explanation: String
}
