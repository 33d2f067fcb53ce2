/// Why a line cannot be split into words.
package enum ShellWordsError: Error, Equatable, CustomStringConvertible {
    case unclosedSingleQuote
    case unclosedDoubleQuote
    case trailingBackslash

    /// A lower-case fragment.
    package var description: String {
        switch self {
        case .unclosedSingleQuote: "a single quote (') is not closed"
        case .unclosedDoubleQuote: "a double quote (\") is not closed"
        case .trailingBackslash: "the line ends with a backslash"
        }
    }
}
