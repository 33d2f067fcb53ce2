/// What a word of a command line is, seen by itself.
enum Token: Equatable {
    /// `--`
    case separator
    /// `--name` or `--name=value`
    case long(String, value: String?)
    /// What stands after the dash of `-abc`.
    case short(Substring)
    /// Everything else, `-` included.
    case word

    init(_ word: String) {
        if word == "--" {
            self = .separator
        } else if word.hasPrefix("--") {
            if let equals = word.firstIndex(of: "=") {
                self = .long(String(word[..<equals]), value: String(word[word.index(after: equals)...]))
            } else {
                self = .long(word, value: nil)
            }
        } else if word.hasPrefix("-"), word.count > 1 {
            self = .short(word.dropFirst())
        } else {
            self = .word
        }
    }

    /// Whether the word, standing after an option, is meant as its value: a negative number is, another option is not.
    var canBeValue: Bool {
        switch self {
        case .word: true
        case .short(let cluster): cluster.first.map { ("0"..."9").contains($0) || $0 == "." } ?? false
        case .separator, .long: false
        }
    }
}
