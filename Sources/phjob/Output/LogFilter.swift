/// Makes a log safe for a terminal: colours (SGR, ECMA-48 section 8.3.117) pass, every other control is written out.
///
/// Line feeds, tabs and carriage returns pass too. What a terminal would take for an 8-bit control, and bytes that are no
/// UTF-8, are written as `\x9b`. Sequences may be cut anywhere between two calls.
struct LogFilter: Sendable {
    private enum State {
        case text
        /// In an escape sequence, of which so much has come.
        case escape([UInt8])
        /// In a character of several bytes, of which so many are missing.
        case character([UInt8], missing: Int)
    }

    private var state = State.text
    /// Whether a colour was set and not taken back.
    private var isColored = false

    private static let longestSequence = 64
    private static let reset: [UInt8] = Array("\u{1B}[0m".utf8)

    mutating func filter(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 8)
        var index = 0
        while index < bytes.count {
            if case .text = state {
                let start = index
                while index < bytes.count, Self.isHarmless(bytes[index]) { index += 1 }
                result.append(contentsOf: bytes[start..<index])
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

    private mutating func take(_ byte: UInt8, _ result: inout [UInt8]) {
        switch state {
        case .text:
            switch byte {
            case 0x1b: state = .escape([byte])
            case 0xc2...0xdf: state = .character([byte], missing: 1)
            case 0xe0...0xef: state = .character([byte], missing: 2)
            case 0xf0...0xf4: state = .character([byte], missing: 3)
            default:
                if Self.isHarmless(byte) { result.append(byte) } else { Self.writeOut([byte], &result) }
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
            let text = String(validating: sequence, as: UTF8.self)
            let isControl = text?.unicodeScalars.first.map { (0x80..<0xa0).contains($0.value) } ?? true
            if isControl { Self.writeOut(sequence, &result) } else { result += sequence }
        }
    }

    /// Writes out a sequence that has come to nothing.
    private mutating func giveUp(_ result: inout [UInt8]) {
        switch state {
        case .text: break
        case .escape(let sequence):
            Self.writeOut([0x1b], &result)
            result += sequence.dropFirst()
        case .character(let sequence, _): Self.writeOut(sequence, &result)
        }
        state = .text
    }

    private static func writeOut(_ bytes: [UInt8], _ result: inout [UInt8]) {
        for byte in bytes {
            let hex = String(byte, radix: 16)
            result += Array("\\x\(hex.count < 2 ? "0" : "")\(hex)".utf8)
        }
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        (0x20..<0x7f).contains(byte) || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")
            || byte == UInt8(ascii: "\r")
    }

    private static func isParameter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: ";")).contains(byte)
    }
}
