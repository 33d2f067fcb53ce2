import PhjobCore

/// Makes a log safe for a terminal: colours (SGR, ECMA-48 section 8.3.117) pass, every other control is written out.
///
/// Line feeds and tabs pass too. What a terminal would take for an 8-bit control, and bytes that are no UTF-8, are written as
/// `\x9b`; characters that change the direction of text, or cannot be seen, as `\u{202e}`. Sequences may be cut anywhere
/// between two calls.
///
/// A carriage return that has text before it on its line erases the whole line and is then written as `\r`, so that a progress
/// bar stays on one line, nothing is left of what it overwrites, and a reader can see that something was overwritten.
struct LogFilter: Sendable {
    private enum State {
        case text
        /// In an escape sequence, of which so much has come.
        case escape([UInt8])
        /// In a character of several bytes, of which so many are missing.
        case character([UInt8], missing: Int)
    }

    private var state = State.text
    /// Whether a carriage return has come, and not yet what tells what it means.
    private var hasReturn = false
    /// Whether the line has text that a carriage return would let another text overwrite.
    private var isLineEmpty = true
    /// Whether a colour was set and not taken back.
    private var isColored = false

    private static let longestSequence = 64
    /// To the line's beginning, erase it (ECMA-48, EL), and a mark that can be seen.
    private static let overwriting: [UInt8] = Array("\r\u{1B}[2K\\r".utf8)
    private static let reset: [UInt8] = Array("\u{1B}[0m".utf8)

    mutating func filter(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 8)
        var index = 0
        while index < bytes.count {
            if case .text = state {
                let start = index
                while index < bytes.count, Self.isHarmless(bytes[index]) { index += 1 }
                if index > start { appendText(bytes[start..<index], &result) }
                guard index < bytes.count else { break }
            }
            take(bytes[index], &result)
            index += 1
        }
        return result
    }

    /// What is left at the end; takes a colour back.
    mutating func finish() -> [UInt8] {
        var result: [UInt8] = []
        giveUp(&result)
        if isColored { result += Self.reset }
        isColored = false
        return result
    }

    /// Appends text that ends no line.
    private mutating func appendText(_ text: some Collection<UInt8>, _ result: inout [UInt8]) {
        if hasReturn, !isLineEmpty { result += Self.overwriting }
        hasReturn = false
        isLineEmpty = false
        result += text
    }

    private mutating func take(_ byte: UInt8, _ result: inout [UInt8]) {
        switch state {
        case .text:
            switch byte {
            case UInt8(ascii: "\n"):
                // With a carriage return before it, it is the line's end of another system.
                hasReturn = false
                isLineEmpty = true
                result.append(byte)
            case UInt8(ascii: "\r"): hasReturn = true
            case 0x1b: state = .escape([byte])
            case 0xc2...0xdf: state = .character([byte], missing: 1)
            case 0xe0...0xef: state = .character([byte], missing: 2)
            case 0xf0...0xf4: state = .character([byte], missing: 3)
            default:
                if Self.isHarmless(byte) { appendText([byte], &result) } else { writeOut([byte], &result) }
            }
        case .escape(let sequence):
            if sequence.count == 1
                ? byte == UInt8(ascii: "[") : Self.isParameter(byte) && sequence.count < Self.longestSequence
            {
                state = .escape(sequence + [byte])
            } else if sequence.count > 1, byte == UInt8(ascii: "m") {
                result += sequence + [byte]
                isColored = !sequence.dropFirst(2).allSatisfy { $0 == UInt8(ascii: "0") }
                state = .text
            } else {
                giveUp(&result)
                take(byte, &result)
            }
        case .character(let start, let missing):
            guard (0x80...0xbf).contains(byte) else {
                giveUp(&result)
                take(byte, &result)
                return
            }
            let sequence = start + [byte]
            guard missing == 1 else {
                state = .character(sequence, missing: missing - 1)
                return
            }
            state = .text
            // U+0080 to U+009F are controls; longer than needed, surrogates and beyond are no characters.
            let scalar = String(validating: sequence, as: UTF8.self)?.unicodeScalars.first
            guard let scalar, !(0x80..<0xa0).contains(scalar.value) else { return writeOut(sequence, &result) }
            if TerminalText.isPlain(scalar) {
                appendText(sequence, &result)
            } else {
                appendText(TerminalText.escaped(String(Character(scalar))).utf8, &result)
            }
        }
    }

    /// Writes out a sequence that has come to nothing.
    private mutating func giveUp(_ result: inout [UInt8]) {
        switch state {
        case .text: break
        case .escape(let sequence):
            writeOut([0x1b], &result)
            appendText(sequence.dropFirst(), &result)
        case .character(let sequence, _): writeOut(sequence, &result)
        }
        state = .text
    }

    private mutating func writeOut(_ bytes: [UInt8], _ result: inout [UInt8]) {
        for byte in bytes {
            let hex = String(byte, radix: 16)
            appendText("\\x\(hex.count < 2 ? "0" : "")\(hex)".utf8, &result)
        }
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        (0x20..<0x7f).contains(byte) || byte == UInt8(ascii: "\t")
    }

    private static func isParameter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: ";")).contains(byte)
    }
}
