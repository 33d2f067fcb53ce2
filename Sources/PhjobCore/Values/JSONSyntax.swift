/// Finds the place where text stops being JSON: the decoder says only that it does.
package struct JSONSyntax {
    private let bytes: [UInt8]
    private let allowsComments: Bool
    private var index = 0
    private var depth = 0

    /// Where, and what is wrong there.
    private struct Failure: Error {
        let index: Int
        let message: String
    }

    private static let maximumDepth = 512

    /// - Parameter allowingComments: and trailing commas, single quotes and names without quotes (JSON5).
    /// - Returns: `line 3, column 7: …`; nil if nothing is found to be wrong.
    package static func problem(in bytes: [UInt8], allowingComments: Bool = false) -> String? {
        var reader = JSONSyntax(bytes: bytes, allowsComments: allowingComments)
        do {
            try reader.readDocument()
            return nil
        } catch {
            let before = bytes[..<error.index]
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            let column = String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1
            return "line \(line), column \(column): \(error.message)"
        }
    }

    private init(bytes: [UInt8], allowsComments: Bool) {
        self.bytes = bytes
        self.allowsComments = allowsComments
    }

    private mutating func readDocument() throws(Failure) {
        try readValue()
        try skipSpace()
        if index < bytes.count { throw unexpected("nothing more") }
    }

    private mutating func readValue() throws(Failure) {
        try skipSpace()
        guard index < bytes.count else { throw unexpected("a value") }
        switch bytes[index] {
        case UInt8(ascii: "{"): try readMembers(until: UInt8(ascii: "}"), named: true)
        case UInt8(ascii: "["): try readMembers(until: UInt8(ascii: "]"), named: false)
        case UInt8(ascii: "\""): try readString()
        case UInt8(ascii: "'") where allowsComments: try readString()
        default: try readWord()
        }
    }

    /// Reads an object or a list, from its first bracket to its last.
    private mutating func readMembers(until end: UInt8, named: Bool) throws(Failure) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw Failure(index: index, message: "this is nested too deeply") }
        index += 1
        try skipSpace()
        while index >= bytes.count || bytes[index] != end {
            if named { try readName() }
            try readValue()
            try skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else { break }
            index += 1
            try skipSpace()
            if !allowsComments, index < bytes.count, bytes[index] == end {
                throw unexpected(named ? "a name in quotes" : "a value")
            }
        }
        guard index < bytes.count, bytes[index] == end else {
            throw unexpected("',' or '\(Character(Unicode.Scalar(end)))'")
        }
        index += 1
        depth -= 1
    }

    private mutating func readName() throws(Failure) {
        guard index < bytes.count else { throw unexpected("a name in quotes") }
        if bytes[index] == UInt8(ascii: "\"") || (allowsComments && bytes[index] == UInt8(ascii: "'")) {
            try readString()
        } else if allowsComments, Self.isWordByte(bytes[index]) {
            while index < bytes.count, Self.isWordByte(bytes[index]) { index += 1 }
        } else {
            throw unexpected("a name in quotes")
        }
        try skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { throw unexpected("':' after the name") }
        index += 1
    }

    private mutating func readString() throws(Failure) {
        let start = index
        let quote = bytes[index]
        index += 1
        while index < bytes.count, bytes[index] != quote {
            if bytes[index] < 0x20 {
                throw Failure(index: index, message: "a string must not have a line break or control character in it")
            }
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.count else {
            throw Failure(index: start, message: "the string that begins here has no end")
        }
        index += 1
        if String(validating: bytes[start..<index], as: UTF8.self) == nil {
            throw Failure(index: start, message: "the string that begins here is not UTF-8 text")
        }
    }

    /// Reads a number, or one of the words.
    private mutating func readWord() throws(Failure) {
        let start = index
        while index < bytes.count, Self.isWordByte(bytes[index]) { index += 1 }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        if ["true", "false", "null"].contains(word) || Double(word) != nil { return }
        index = start
        throw unexpected("a value")
    }

    private mutating func skipSpace() throws(Failure) {
        while index < bytes.count {
            let rest = bytes[index...]
            if [0x20, 0x09, 0x0a, 0x0d].contains(bytes[index]) {
                index += 1
            } else if allowsComments, rest.starts(with: "//".utf8) {
                index = rest.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            } else if allowsComments, rest.starts(with: "/*".utf8) {
                let start = index
                index += 2
                while index < bytes.count, !bytes[index...].starts(with: "*/".utf8) { index += 1 }
                guard index < bytes.count else {
                    throw Failure(index: start, message: "the comment that begins here has no end")
                }
                index += 2
            } else {
                return
            }
        }
    }

    private func unexpected(_ wanted: String) -> Failure {
        guard index < bytes.count else {
            return Failure(index: bytes.count, message: "the text ends where \(wanted) should be")
        }
        var end = index
        while end < bytes.count, end < index + 20, Self.isWordByte(bytes[end]) { end += 1 }
        let found = String(decoding: bytes[index..<max(end, index + 1)], as: UTF8.self)
        return Failure(index: index, message: "there is '\(TerminalText.escaped(found))' where \(wanted) should be")
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }
}
