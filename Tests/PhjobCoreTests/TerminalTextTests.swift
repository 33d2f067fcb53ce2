import PhjobCore
import Testing

struct TerminalTextTests {
    @Test(arguments: [
        ("plain text, ünïcode 🚀", "plain text, ünïcode 🚀"), ("", ""), ("\u{1b}[31mred", "\\x1b[31mred"),
        ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"), ("a\rb\nc\td", "a\\rb\\nc\\td"), ("\r\n", "\\r\\n"),
        ("\u{0}\u{1}\u{7f}", "\\x00\\x01\\x7f"), ("\u{80}\u{9b}\u{9f}", "\\x80\\x9b\\x9f"),
        ("a\u{202e}b\u{2066}c\u{200f}", "a\\u{202e}b\\u{2066}c\\u{200f}"), ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
        ("\u{feff}x", "\\u{feff}x"), ("\u{61c}", "\\u{61c}"), ("\u{a0}", "\u{a0}"),
    ])
    func escapes(_ text: String, shown: String) {
        #expect(TerminalText.escaped(text) == shown)
        #expect(TerminalText.escaped(text).unicodeScalars.allSatisfy(TerminalText.isPlain))
    }

    @Test func newlinesAndTabsMayBeKept() {
        #expect(TerminalText.escaped("a\n\tb\r\u{1b}", keepingNewlines: true) == "a\n\tb\\r\\x1b")
        // A line feed after a carriage return is one character, but two scalars.
        #expect(TerminalText.escaped("a\r\nb", keepingNewlines: true) == "a\\r\nb")
    }

    @Test func noControlOfUnicodeIsPlain() {
        for value in UInt32(0)...0xffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isControl = scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
            if isControl { #expect(!TerminalText.isPlain(scalar), "U+\(String(value, radix: 16))") }
        }
    }
}
