/// Where an argument's value was given.
package enum ArgumentSource: Equatable, Sendable {
    case commandLine
    /// The environment variable of this name.
    case environment(String)
    /// A line of a file, counted from 1, and the file's name if it is known.
    case line(Int, file: String?)
}

extension ArgumentSource: CustomStringConvertible {
    /// The place in words: `the command line`, `PHJOB_IMAGE`, `train.sh: line 3`.
    package var description: String {
        switch self {
        case .commandLine: "the command line"
        case .environment(let name): name
        case .line(let number, let file): (file.map { "\($0): " } ?? "") + "line \(number)"
        }
    }
}
