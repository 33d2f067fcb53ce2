extension JSONSyntax {
    /// Reads a string with its quotes.
    ///
    /// - Returns: where it stands, without them.
    mutating func readString() throws(Failure) -> Range<Int> {
        let start = index
        let quote = bytes[index]
        index += 1
        while index < bytes.count, bytes[index] != quote {
            let byte = bytes[index]
            if byte < 0x20, !(allowsComments && byte == UInt8(ascii: "\t")) {
                throw Failure(index: index, message: "a string must not have a line break or control character in it")
            }
            if byte != UInt8(ascii: "\\") {
                index += 1
            } else if allowsComments {
                // JSON5 has more of them; the decoder knows which.
                index += 2
            } else {
                try skipEscape(of: start)
            }
        }
        guard index < bytes.count else { throw Self.endless(start) }
        index += 1
        if String(validating: bytes[start..<index], as: UTF8.self) == nil {
            throw Failure(index: start, message: "the string that begins here is not UTF-8 text")
        }
        return start + 1..<index - 1
    }

    private static func endless(_ start: Int) -> Failure {
        Failure(index: start, message: "the string that begins here has no end")
    }

    /// An escape of RFC 8259, section 7. One half of a surrogate pair without the other stands for no character.
    ///
    /// - Parameter start: of the string that it is in.
    private mutating func skipEscape(of start: Int) throws(Failure) {
        guard index + 1 < bytes.count else { throw Self.endless(start) }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 2
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(at: index) else {
                throw Failure(index: index, message: "\\u must be followed by four hexadecimal digits")
            }
            if UTF16.isTrailSurrogate(unit) || UTF16.isLeadSurrogate(unit) {
                guard UTF16.isLeadSurrogate(unit), let next = codeUnit(at: index + 6), UTF16.isTrailSurrogate(next)
                else {
                    throw Failure(
                        index: index, message: "this escape is half of a character; the other half is missing")
                }
                index += 6
            }
            index += 6
        default:
            throw Failure(
                index: index,
                message: "a backslash must be followed by one of \" \\ / b f n r t, or by u and four digits")
        }
    }

    /// The value of a `\u` escape.
    private func codeUnit(at start: Int) -> UInt16? {
        guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var value: UInt16 = 0
        for byte in bytes[start + 2..<start + 6] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }

    /// What a string stands for, to compare names; of JSON5's own escapes only the backslash is dropped.
    func unescaped(_ range: Range<Int>) -> String {
        guard bytes[range].contains(UInt8(ascii: "\\")) else { return String(decoding: bytes[range], as: UTF8.self) }
        var units: [UInt16] = []
        var rest = range.lowerBound
        while rest < range.upperBound {
            guard bytes[rest] == UInt8(ascii: "\\") else {
                let end = bytes[rest..<range.upperBound].firstIndex(of: UInt8(ascii: "\\")) ?? range.upperBound
                units += String(decoding: bytes[rest..<end], as: UTF8.self).utf16
                rest = end
                continue
            }
            if let unit = codeUnit(at: rest) {
                units.append(unit)
                rest += 6
                continue
            }
            let byte = bytes[rest + 1]
            if byte < 0x80 { units.append(UInt16(Self.controls[byte] ?? byte)) }
            rest += byte < 0x80 ? 2 : 1
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static let controls: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
    ]

    /// Reads a number, or one of the words.
    mutating func readWord() throws(Failure) {
        let start = index
        while index < bytes.count, Self.isWordByte(bytes[index]) { index += 1 }
        let word = bytes[start..<index]
        if ["true", "false", "null"].contains(where: { word.elementsEqual($0.utf8) }) { return }
        let value = Double(String(decoding: word, as: UTF8.self))
        if let value, value.isFinite, allowsComments || Self.isNumber(word) { return }
        index = start
        if let value, value.isInfinite, Self.isNumber(word) {
            throw Failure(index: start, message: "this number is larger than any that can be used")
        }
        throw unexpected("a value")
    }

    /// Whether this is a number of RFC 8259, section 6.
    private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
        var rest = word
        func digits() -> Int {
            let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let hasZero = rest.first == UInt8(ascii: "0")
        let whole = digits()
        guard whole == 1 || (whole > 1 && !hasZero) else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
