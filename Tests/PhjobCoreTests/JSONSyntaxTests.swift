import FoundationEssentials
import PhjobCore
import Testing

struct JSONSyntaxTests {
    @Test(arguments: [
        "{}", "[]", "1", "-1.5e3", "\"\"", "null", " [ 1 , true ] ", #"{"a":{"b":["c\"d","\\"]}}"#,
        "{\n\t\"ü\": \"🚀\"\r\n}",
    ])
    func right(_ text: String) {
        #expect(JSONSyntax.problem(in: Array(text.utf8)) == nil)
        #expect(JSONSyntax.problem(in: Array(text.utf8), allowingComments: true) == nil)
    }

    @Test(arguments: [
        "// a\n{}", "{/* a */}", "{\"a\":1,}", "[1,]", "{a:1}", "{'a':'b'}", "{} // end", "{\n// \"x\": {\n}",
    ])
    func rightWithComments(_ text: String) {
        #expect(JSONSyntax.problem(in: Array(text.utf8), allowingComments: true) == nil)
        #expect(JSONSyntax.problem(in: Array(text.utf8)) != nil)
    }

    @Test(arguments: [
        ("", "line 1, column 1: the text ends where a value should be"),
        ("{", "line 1, column 2: the text ends where a name in quotes should be"),
        ("[1,", "line 1, column 4: the text ends where a value should be"),
        ("[1 2]", "line 1, column 4: there is '2' where ',' or ']' should be"),
        ("[1,]", "line 1, column 4: there is ']' where a value should be"),
        ("{\"a\":1,}", "line 1, column 8: there is '}' where a name in quotes should be"),
        ("{\n  \"ü\": nope\n}", "line 2, column 8: there is 'nope' where a value should be"),
        ("{\"a\" 1}", "line 1, column 6: there is '1' where ':' after the name should be"),
        ("{a:1}", "line 1, column 2: there is 'a' where a name in quotes should be"),
        ("[\"abc", "line 1, column 2: the string that begins here has no end"),
        ("\"\\", "line 1, column 1: the string that begins here has no end"),
        ("\"a\nb\"", "line 1, column 3: a string must not have a line break or control character in it"),
        ("{} {}", "line 1, column 4: there is '{' where nothing more should be"),
        ("\u{1b}[2J", "line 1, column 1: there is '\\x1b' where a value should be"),
        (String(repeating: "[", count: 513), "line 1, column 513: this is nested too deeply"),
    ])
    func wrong(_ text: String, problem: String) {
        #expect(JSONSyntax.problem(in: Array(text.utf8)) == problem)
    }

    @Test func bytesThatAreNoText() {
        #expect(
            JSONSyntax.problem(in: [0x22, 0xff, 0x22])
                == "line 1, column 1: the string that begins here is not UTF-8 text")
        #expect(JSONSyntax.problem(in: [0xff]) != nil)
        #expect(JSONSyntax.problem(in: [0x00]) != nil)
    }

    @Test func aCommentWithoutEnd() {
        #expect(
            JSONSyntax.problem(in: Array("{} /* x".utf8), allowingComments: true)
                == "line 1, column 4: the comment that begins here has no end")
    }

    /// Cut anywhere, the text is wrong for both, and the place can be told.
    @Test func truncatedAnywhere() {
        let bytes = Array(CatalogueReaderTests.complete.utf8)
        #expect(JSONSyntax.problem(in: bytes) == nil)
        for length in stride(from: 0, to: bytes.count - 1, by: 7) {
            let cut = Array(bytes[..<length])
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(JSONValue.self, from: Data(cut)) }
            #expect(JSONSyntax.problem(in: cut)?.hasPrefix("line ") == true, "cut after \(length) bytes")
        }
    }
}
