/// Finds the place where text stops being JSON, which the decoder does not tell, and what the decoder would not mind: a name
/// that stands twice in an object, of which it takes any one, and more values than anybody needs.
package struct JSONSyntax {
    /// What text may hold at most. A decoder recurses for each level, and takes a microsecond and a hundred bytes for each value,
    /// however small.
    package struct Bounds: Sendable {
        /// Levels of lists and objects within each other.
        package var depth: Int
        /// Values, those within others included.
        package var values: Int

        package init(depth: Int = 512, values: Int = .max) {
            self.depth = depth
            self.values = values
        }
    }

    let bytes: [UInt8]
    let allowsComments: Bool
    var index = 0
    private let bounds: Bounds
    private var depth = 0
    private var values = 0

    /// Where, and what is wrong there.
    struct Failure: Error {
        let index: Int
        let message: String
    }

    /// - Parameter allowingComments: and trailing commas, single quotes and names without quotes (JSON5).
    /// - Returns: `line 3, column 7: …`; nil if nothing is found to be wrong.
    package static func problem(
        in bytes: [UInt8], allowingComments: Bool = false, bounds: Bounds = Bounds()
    ) -> String? {
        var reader = JSONSyntax(bytes: bytes, allowsComments: allowingComments, bounds: bounds)
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

    private init(bytes: [UInt8], allowsComments: Bool, bounds: Bounds) {
        self.bytes = bytes
        self.allowsComments = allowsComments
        self.bounds = bounds
    }

    private mutating func readDocument() throws(Failure) {
        // Some editors begin every text with a byte order mark (RFC 8259, section 8.1, lets it be passed over).
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { index = 3 }
        try readValue()
        try skipSpace()
        if index < bytes.count { throw unexpected("nothing more") }
    }

    private mutating func readValue() throws(Failure) {
        try skipSpace()
        guard index < bytes.count else { throw unexpected("a value") }
        values += 1
        guard values <= bounds.values else {
            throw Failure(index: index, message: "there are more than \(bounds.values) values")
        }
        switch bytes[index] {
        case UInt8(ascii: "{"): try readMembers(until: UInt8(ascii: "}"), named: true)
        case UInt8(ascii: "["): try readMembers(until: UInt8(ascii: "]"), named: false)
        case UInt8(ascii: "\""): _ = try readString()
        case UInt8(ascii: "'") where allowsComments: _ = try readString()
        default: try readWord()
        }
    }

    /// Reads an object or a list, from its first bracket to its last.
    private mutating func readMembers(until end: UInt8, named: Bool) throws(Failure) {
        depth += 1
        guard depth <= bounds.depth else {
            throw Failure(index: index, message: "this is nested too deeply; at most \(bounds.depth) levels")
        }
        index += 1
        try skipSpace()
        var names: Set<String> = []
        while index >= bytes.count || bytes[index] != end {
            if named {
                let start = index
                let name = try readName()
                guard names.insert(name).inserted else {
                    let shown = TerminalText.quoted(name)
                    throw Failure(index: start, message: "the name '\(shown)' stands here for the second time")
                }
            }
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

    private mutating func readName() throws(Failure) -> String {
        guard index < bytes.count else { throw unexpected("a name in quotes") }
        let start = index
        let name: String
        if bytes[index] == UInt8(ascii: "\"") || (allowsComments && bytes[index] == UInt8(ascii: "'")) {
            name = unescaped(try readString())
        } else if allowsComments, Self.isWordByte(bytes[index]) {
            while index < bytes.count, Self.isWordByte(bytes[index]) { index += 1 }
            name = String(decoding: bytes[start..<index], as: UTF8.self)
        } else {
            throw unexpected("a name in quotes")
        }
        try skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { throw unexpected("':' after the name") }
        index += 1
        return name
    }

    private mutating func skipSpace() throws(Failure) {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0a, 0x0d: index += 1
            case UInt8(ascii: "/") where allowsComments && index + 1 < bytes.count:
                guard try skipComment() else { return }
            default: return
            }
        }
    }

    /// - Returns: false if none begins here.
    private mutating func skipComment() throws(Failure) -> Bool {
        let start = index
        switch bytes[index + 1] {
        case UInt8(ascii: "/"):
            index = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        case UInt8(ascii: "*"):
            index += 2
            while index + 1 < bytes.count, bytes[index] != UInt8(ascii: "*") || bytes[index + 1] != UInt8(ascii: "/") {
                index += 1
            }
            guard index + 1 < bytes.count else {
                throw Failure(index: start, message: "the comment that begins here has no end")
            }
            index += 2
        default: return false
        }
        return true
    }

    func unexpected(_ wanted: String) -> Failure {
        guard index < bytes.count else {
            return Failure(index: bytes.count, message: "the text ends where \(wanted) should be")
        }
        var end = index
        while end < bytes.count, end < index + 20, Self.isWordByte(bytes[end]) { end += 1 }
        let found = String(decoding: bytes[index..<max(end, index + 1)], as: UTF8.self)
        return Failure(index: index, message: "there is '\(TerminalText.escaped(found))' where \(wanted) should be")
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }
}
