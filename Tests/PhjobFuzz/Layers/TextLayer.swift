import PhjobCore

/// Text on its way to a terminal, and text that is looked for.
enum TextLayer: FuzzLayer {
    static let name = "text"

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        let text = random.text(40)
        let escaped = TerminalText.escaped(text)
        try Check.isPlain(escaped, "what was escaped")
        try Check.isTrue(!escaped.utf8.contains(0x0a) && !escaped.utf8.contains(0x09), "a line end is left: \(text)")
        try Check.equal(TerminalText.escaped(escaped), escaped, "escaped again")
        try Check.isPlain(TerminalText.escaped(text, keepingNewlines: true), "what was escaped, but for lines")
        let limit = random.number(0...50)
        let short = TerminalText.shortened(text, to: limit)
        try Check.isTrue(
            short.unicodeScalars.count <= limit + 1, "\(short.unicodeScalars.count) of \(limit) characters")
        try Check.isTrue(short == text || short.hasSuffix("…"), "'\(short)' does not look shortened")
        try search(text, &random)
        return escaped == text
    }

    private static func search(_ text: String, _ random: inout Randomness) throws(Violation) {
        let lowercased = Array(text.lowercased().utf8)
        let start = random.number(0...lowercased.count)
        let wanted = String(decoding: lowercased[start...].prefix(random.number(0...8)), as: UTF8.self)
        let bytes = Array(wanted.lowercased().utf8)
        let isThere =
            bytes.isEmpty || lowercased.indices.contains { lowercased[$0...].starts(with: bytes) }
        try Check.equal(TextSearch(wanted).isFound(in: text), isThere, "whether '\(wanted)' is in it")
    }
}
