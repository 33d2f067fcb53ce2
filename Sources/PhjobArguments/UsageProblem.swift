/// What is wrong with a command line.
package enum UsageProblem: Equatable, Sendable {
    case unknownCommand(String, suggestion: String?)
    /// Nothing after the name of a group, which has these commands.
    case missingCommand(choices: [String])
    case unknownOption(String, suggestion: String?)
    /// An option that exists, but not in a line of a file.
    case optionNotAllowedHere(String)
    /// Nothing, or another option, where the option's value should be.
    case missingValue(option: String, next: String?)
    /// A value for a flag.
    case unexpectedValue(String, option: String)
    case invalidValue(String, argument: String, reason: String)
    case repeatedOption(String)
    /// Two arguments that exclude each other.
    case conflict(String, String)
    case missingOption(String, environment: String?)
    case missingArgument(String, help: String)
    case unexpectedArgument(String, hint: String?)
    /// A line that cannot be split into words.
    case malformedLine(String)
    /// What only the command itself can tell, as one lower-case sentence without a full stop.
    case other(String)

    /// The problem in one line, without control characters.
    package var message: String { text.printable }

    private var text: String {
        switch self {
        case .unknownCommand(let name, let suggestion):
            "unknown command \(name.quotedForMessage)" + Self.hint(suggestion)
        case .missingCommand(let choices):
            "a command is missing"
                + (choices.isEmpty ? "" : "; one of " + choices.map { "'\($0)'" }.joined(separator: ", "))
        case .unknownOption(let name, let suggestion):
            "unknown option \(name.quotedForMessage)" + Self.hint(suggestion)
        case .optionNotAllowedHere(let name):
            "option '\(name)' cannot be given in a file; give it on the command line"
        case .missingValue(let option, let next):
            "option '\(option)' needs a value"
                + (next.map { ", but \($0.quotedForMessage) follows; to use that as the value, join them with '='" }
                    ?? "")
        case .unexpectedValue(let value, let option):
            "option '\(option)' takes no value, but has \(value.quotedForMessage)"
        case .invalidValue(let value, let argument, let reason):
            "invalid value \(value.quotedForMessage) for '\(argument)': \(reason)"
        case .repeatedOption(let name):
            "option '\(name)' is given more than once"
        case .conflict(let first, let second):
            "'\(first)' and '\(second)' cannot be used together"
        case .missingOption(let option, let environment):
            "option '\(option)' is missing" + (environment.map { "; give it, or set \($0)" } ?? "")
        case .missingArgument(let name, let help):
            "argument '\(name)' is missing: \(help)"
        case .unexpectedArgument(let word, let hint):
            "unexpected argument \(word.quotedForMessage)" + (hint.map { "; \($0)" } ?? "")
        case .malformedLine(let reason), .other(let reason):
            reason
        }
    }

    private static func hint(_ suggestion: String?) -> String {
        suggestion.map { "; did you mean '\($0)'?" } ?? ""
    }
}
