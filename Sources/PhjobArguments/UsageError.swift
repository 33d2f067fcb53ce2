/// A command line, environment variable or directive that cannot be used, with all that a person needs to put it
/// right.
package struct UsageError: Error, Equatable, Sendable {
    /// What is wrong.
    package let problem: UsageProblem
    /// Where.
    package let source: ArgumentSource
    /// The command that was meant, as `phjob image list`; filled in by the program.
    package internal(set) var command: String?
    /// How that command is used, as `phjob submit [options] [<script>]`; filled in by the program.
    package internal(set) var usage: String?

    /// An error for a command to throw.
    package init(_ problem: UsageProblem, from source: ArgumentSource = .commandLine) {
        self.problem = problem
        self.source = source
    }

    /// The exit status for wrong usage (`EX_USAGE`).
    package static let exitStatus: Int32 = 64

    /// What is wrong and where, in one line without control characters.
    package var message: String {
        switch source {
        case .commandLine: problem.message
        case .environment(let name): "environment variable \(name): \(problem.message)"
        case .line: "\(source.description.printable): \(problem.message)"
        }
    }

    /// The same error, with the command that it is about.
    func about(command: String, usage: String) -> UsageError {
        var result = self
        result.command = command
        result.usage = usage
        return result
    }
}

extension UsageError: CustomStringConvertible {
    /// What to print on stderr: `error: …`, the usage line, and where to read more; without a newline at the end.
    package var description: String {
        var lines = ["error: \(message)"]
        if let usage {
            lines.append("usage: \(usage)")
        }
        if let command {
            lines.append("see '\(command) --help'")
        }
        return lines.joined(separator: "\n")
    }
}
