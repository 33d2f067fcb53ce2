import PhjobArguments
import Testing

@Suite struct ShellWordsTests {
    @Test(
        arguments: [
            ("", []),
            ("  \t ", []),
            ("a  b\tc", ["a", "b", "c"]),
            ("''", [""]),
            (#""" ''x"" "#, ["", "x"]),
            ("'a b'c\"d e\"", ["a bc" + "d e"]),
            (#""a\"b\\c\d\$\`""#, [#"a"b\c\d$`"#]),
            (#"'a\b'"#, [#"a\b"#]),
            (#"a\ b \'"#, ["a b", "'"]),
            ("a #b", ["a"]),
            ("a#b '#c' \\#d", ["a#b", "#c", "#d"]),
            ("--name=$HOME *", ["--name=$HOME", "*"]),
            ("é 👩‍👩‍👧 'ü", nil),
            ("é 👩‍👩‍👧 e\u{301}", ["é", "👩‍👩‍👧", "e\u{301}"]),
        ] as [(String, [String]?)])
    func split(line: String, words: [String]?) {
        #expect((try? ShellWords.split(line)) == words)
    }

    @Test(arguments: [
        ("'a", ShellWordsError.unclosedSingleQuote),
        ("\"a\\\"", .unclosedDoubleQuote),
        ("\"a\\", .unclosedDoubleQuote),
        ("a\\", .trailingBackslash),
    ])
    func errors(line: String, error: ShellWordsError) {
        #expect(throws: error) { try ShellWords.split(line) }
    }

    @Test func plainWordsStayPlain() {
        #expect(ShellWords.join(["a-b", "--c=d/e:f", "", "g h", "it's"]) == #"a-b --c=d/e:f '' 'g h' 'it'\''s'"#)
    }

    /// Random words of troublesome characters come back from our own splitter and from a real shell.
    @Test func roundTrip() throws {
        var generator = SeededGenerator(state: 42)
        let alphabet = Array("ab'\"\\ $`#~*\n\t-=é{}()|&;<>!@")
        let words = (0..<300).map { _ in
            String(
                (0..<Int.random(in: 0...6, using: &generator)).map { _ in alphabet.randomElement(using: &generator)! })
        }
        let line = ShellWords.join(words)
        #expect(try ShellWords.split(line) == words)
        let output = try Shell.bash.run("printf '%s\\0' \(line)")
        #expect(output.split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init) == words)
    }
}

/// The same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var mixed = state ^ (state >> 33)
        mixed = mixed &* 0xFF51_AFD7_ED55_8CCD
        return mixed ^ (mixed >> 33)
    }
}
