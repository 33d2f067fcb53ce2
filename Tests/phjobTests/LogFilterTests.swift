import Testing

@testable import phjob

@Suite struct LogFilterTests {
    private static func filter(_ pieces: [[UInt8]]) -> String {
        var filter = LogFilter()
        var result: [UInt8] = []
        for piece in pieces { result += piece.withUnsafeBytes { filter.filter($0) } }
        return String(decoding: result + filter.finish(), as: UTF8.self)
    }

    static let cases: [(name: String, input: [UInt8], output: String)] = [
        ("text", Array("epoch 1\tloss 0.5\r\n".utf8), "epoch 1\tloss 0.5\n"),
        ("colour that is taken back", Array("\u{1B}[1;31mred\u{1B}[0m.\n".utf8), "\u{1B}[1;31mred\u{1B}[0m.\n"),
        ("colour that is not", Array("\u{1B}[31mred\n".utf8), "\u{1B}[31mred\n\u{1B}[0m"),
        ("progress bar", Array("\r10%\r20%\r\r30%\n".utf8), "10%\r\u{1B}[2K\\r20%\r\u{1B}[2K\\r30%\n"),
        ("what was read before", Array("rm -rf /\rls".utf8), "rm -rf /\r\u{1B}[2K\\rls"),
        ("coloured progress", Array("a\r\u{1B}[32mb\u{1B}[0m\n".utf8), "a\u{1B}[32m\r\u{1B}[2K\\rb\u{1B}[0m\n"),
        ("control after a return", Array("a\r\u{7}".utf8), "a\r\u{1B}[2K\\r\\x07"),
        ("return at the end", Array("a\r".utf8), "a"), ("empty lines of DOS", Array("\r\n\r\n".utf8), "\n\n"),
        (
            "directions", Array("a\u{202E}b\u{2066}c\u{200F}\u{61C}\u{FEFF}".utf8),
            "a\\u{202e}b\\u{2066}c\\u{200f}\\u{61c}\\u{feff}"
        ),
        ("separators", Array("a\u{2028}b\u{2029}".utf8), "a\\u{2028}b\\u{2029}"),
        ("title", Array("\u{1B}]0;title\u{7}x".utf8), "\\x1b]0;title\\x07x"),
        ("clear the screen", Array("\u{1B}[2Jx".utf8), "\\x1b[2Jx"),
        ("private mode", Array("\u{1B}[?25lx".utf8), "\\x1b[?25lx"),
        ("8-bit control", [0x9b, 0x32, 0x4a], "\\x9b2J"),
        ("8-bit control as UTF-8", [0xc2, 0x9b, 0x32, 0x4a], "\\xc2\\x9b2J"),
        ("characters of several bytes", Array("é日本🚀\u{a0}".utf8), "é日本🚀\u{a0}"),
        ("cut character", [0xe6, 0x97, 0x41], "\\xe6\\x97A"),
        ("surrogate", [0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
        ("end within a sequence", Array("x\u{1B}[31".utf8), "x\\x1b[31"),
        ("escape twice", Array("\u{1B}\u{1B}[0m".utf8), "\\x1b\u{1B}[0m"),
        ("controls", [0, 8, 0x7f, 0x0b], "\\x00\\x08\\x7f\\x0b"),
        (
            "endless sequence", Array(("\u{1B}[" + String(repeating: "1;", count: 100) + "m").utf8),
            "\\x1b[" + String(repeating: "1;", count: 100) + "m"
        ),
    ]

    @Test(arguments: cases) func onlyColoursReachTheTerminal(name: String, input: [UInt8], output: String) {
        #expect(Self.filter([input]) == output)
    }

    @Test(arguments: cases) func itDoesNotMatterWhereTheLogIsCut(name: String, input: [UInt8], output: String) {
        for index in input.indices {
            #expect(Self.filter([Array(input[..<index]), Array(input[index...])]) == output)
        }
        #expect(Self.filter(input.map { [$0] }) == output)
    }
}
