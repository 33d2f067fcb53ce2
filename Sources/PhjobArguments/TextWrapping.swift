/// Breaks text into lines of a width.
enum TextWrapping {
    /// The words of a text in lines of at most `width` characters; a longer word has a line of its own.
    static func lines(of text: String, width: Int) -> [String] {
        lines(of: text.split { $0 == " " || $0 == "\n" }.map(String.init), width: width)
    }

    /// The same for pieces that must stay whole.
    static func lines(of pieces: [String], width: Int) -> [String] {
        var lines: [String] = []
        var used = 0
        for piece in pieces {
            let length = piece.count
            if let last = lines.last, used + 1 + length <= width {
                lines[lines.count - 1] = last + " " + piece
                used += 1 + length
            } else {
                lines.append(piece)
                used = length
            }
        }
        return lines
    }

    /// What a discussion consists of.
    enum Block: Equatable {
        /// Text to wrap.
        case paragraph(String)
        /// Lines to keep as they are: those that begin with a space.
        case verbatim([String])
    }

    /// The paragraphs and kept lines of a discussion. Empty lines separate paragraphs.
    static func blocks(of text: String) -> [Block] {
        var blocks: [Block] = []
        var isNew = true
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = String(line)
            if line.allSatisfy({ $0 == " " }) {
                isNew = true
            } else if line.hasPrefix(" ") {
                if !isNew, case .verbatim(let lines)? = blocks.last {
                    blocks[blocks.count - 1] = .verbatim(lines + [line])
                } else {
                    blocks.append(.verbatim([line]))
                }
                isNew = false
            } else {
                if !isNew, case .paragraph(let start)? = blocks.last {
                    blocks[blocks.count - 1] = .paragraph(start + " " + line)
                } else {
                    blocks.append(.paragraph(line))
                }
                isNew = false
            }
        }
        return blocks
    }
}
