/// Makes text from users and engines safe to print on a terminal.
package enum TerminalText {
    /// Whether a terminal shows this scalar as itself: no control, no line or paragraph separator, no change of direction.
    ///
    /// Bidirectional controls reorder what stands around them (Unicode Standard Annex 9), so they count as control.
    package static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: false
        default: true
        }
    }

    /// `text` with everything that is not plain written as an escape, such as `\x1b` or `\u{202e}`.
    ///
    /// - Parameter keepingNewlines: leaves line feeds and tabs as they are, for text of several lines.
    package static func escaped(_ text: String, keepingNewlines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: { !isPlain($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isPlain(scalar) || (keepingNewlines && (scalar == "\n" || scalar == "\t")) {
                result.unicodeScalars.append(scalar)
                continue
            }
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                let hex = String(scalar.value, radix: 16)
                result += scalar.value < 0x100 ? "\\x" + (hex.count < 2 ? "0" : "") + hex : "\\u{\(hex)}"
            }
        }
        return result
    }

    /// The beginning of `text`, with `…` in place of the rest, so that what a user sent does not fill a message.
    ///
    /// - Parameter limit: in Unicode scalars: a character can have any number of them.
    package static func shortened(_ text: String, to limit: Int) -> String {
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return text }
        return String(scalars[..<end]) + "…"
    }

    /// `text` as messages, logs and the audit quote what a user wrote: bounded and escaped.
    ///
    /// - Parameter limit: in Unicode scalars of `text`; each can become 10 bytes.
    package static func quoted(_ text: String, limit: Int = 100) -> String {
        escaped(shortened(text, to: limit))
    }
}
