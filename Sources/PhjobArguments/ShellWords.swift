/// Splits lines into words, and joins words to lines, by a shell's quoting rules and nothing else of a shell: no
/// variables, no wildcards, no operators.
package enum ShellWords {
    /// The words of a line. Quotes are `'…'`, `"…"` (with `\"`, `\\`, `\$` and `` \` ``) and `\x`; a `#` at the
    /// beginning of a word starts a comment.
    package static func split(_ line: some StringProtocol) throws(ShellWordsError) -> [String] {
        var words: [String] = []
        var word: String.UnicodeScalarView?
        var rest = Substring(line).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case " ", "\t", "\n", "\r":
                if let finished = word {
                    words.append(String(finished))
                }
                word = nil
            case "#" where word == nil:
                return words
            case "'":
                word = (word ?? .init()) + (try singleQuoted(&rest))
            case "\"":
                word = (word ?? .init()) + (try doubleQuoted(&rest))
            case "\\":
                guard let escaped = rest.popFirst() else { throw .trailingBackslash }
                word = (word ?? .init()) + [escaped]
            default:
                word = (word ?? .init()) + [scalar]
            }
        }
        if let word {
            words.append(String(word))
        }
        return words
    }

    /// A line that a shell, and `split`, read as exactly these words.
    package static func join(_ words: [String]) -> String {
        words.map(quote).joined(separator: " ")
    }

    /// One word for a shell; in quotes only if it needs them.
    package static func quote(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "=", "+", ",", "@", "%": true
            default: false
            }
        }
        if isPlain, !word.isEmpty {
            return word
        }
        var result = "'"
        for scalar in word.unicodeScalars {
            if scalar == "'" {
                result += #"'\''"#
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "'"
    }

    private static func singleQuoted(
        _ rest: inout Substring.UnicodeScalarView
    ) throws(ShellWordsError) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        while let scalar = rest.popFirst() {
            if scalar == "'" {
                return result
            }
            result.append(scalar)
        }
        throw .unclosedSingleQuote
    }

    private static func doubleQuoted(
        _ rest: inout Substring.UnicodeScalarView
    ) throws(ShellWordsError) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"":
                return result
            case "\\":
                guard let escaped = rest.popFirst() else { throw .unclosedDoubleQuote }
                if !["\"", "\\", "$", "`"].contains(escaped) {
                    result.append("\\")
                }
                result.append(escaped)
            default:
                result.append(scalar)
            }
        }
        throw .unclosedDoubleQuote
    }
}
