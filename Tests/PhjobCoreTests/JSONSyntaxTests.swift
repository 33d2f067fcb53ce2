import FoundationEssentials
import PhjobCore
import Testing

struct JSONSyntaxTests {
    @Test(arguments: [
        "{}", "[]", "1", "\u{feff}{}", "-1.5e3", "\"\"", "null", " [ 1 , true ] ", #"{"a":{"b":["c\"d","\\"]}}"#,
        "{\n\t\"ü\": \"🚀\"\r\n}", "-0", "0.5e-3", "1e308", "1e-400", #""\ud83d\ude80\u0000""#,
        #"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}"#,
    ])
    func right(_ text: String) {
        #expect(JSONSyntax.problem(in: Array(text.utf8)) == nil)
        #expect(JSONSyntax.problem(in: Array(text.utf8), allowingComments: true) == nil)
    }

    @Test(arguments: [
        "// a\n{}", "{\"a\": \"\t\"}", "[+1, .5, 0x10]", "{'a': '\\x41', \"b\": 'it\\'s'}", "{/* a */}", "{\"a\":1,}",
        "[1,]", "{a:1}", "{'a':'b'}", "{} // end", "{\n// \"x\": {\n}",
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
        ("{\"a\":1,\n \"b\":2, \"a\":3}", "line 2, column 9: the name 'a' stands here for the second time"),
        (#"{"a":1,"\u0061":2}"#, "line 1, column 8: the name 'a' stands here for the second time"),
        (#"{"\n":1,"\u000A":2}"#, "line 1, column 9: the name '\\n' stands here for the second time"),
        ("[1, -1e400]", "line 1, column 5: this number is larger than any that can be used"),
        ("[01]", "line 1, column 2: there is '01' where a value should be"),
        ("[+1]", "line 1, column 2: there is '+1' where a value should be"),
        ("[1.]", "line 1, column 2: there is '1.' where a value should be"),
        ("[.5]", "line 1, column 2: there is '.5' where a value should be"),
        ("[0x10]", "line 1, column 2: there is '0x10' where a value should be"),
        ("[nan]", "line 1, column 2: there is 'nan' where a value should be"),
        ("[Infinity]", "line 1, column 2: there is 'Infinity' where a value should be"),
        (#"["\ud800"]"#, "line 1, column 3: this escape is half of a character; the other half is missing"),
        (#"["x\udc00\ud800"]"#, "line 1, column 4: this escape is half of a character; the other half is missing"),
        (#"["\u12"]"#, "line 1, column 3: \\u must be followed by four hexadecimal digits"),
        (
            #"["\x"]"#,
            #"line 1, column 3: a backslash must be followed by one of " \ / b f n r t, or by u and four digits"#
        ),
        (String(repeating: "[", count: 513), "line 1, column 513: this is nested too deeply; at most 512 levels"),
    ])
    func wrong(_ text: String, problem: String) {
        #expect(JSONSyntax.problem(in: Array(text.utf8)) == problem)
    }

    @Test func bounded() {
        let bounds = JSONSyntax.Bounds(depth: 2, values: 4)
        #expect(JSONSyntax.problem(in: Array("[[1,2]]".utf8), bounds: bounds) == nil)
        #expect(
            JSONSyntax.problem(in: Array("[[1,2,3]]".utf8), bounds: bounds)
                == "line 1, column 7: there are more than 4 values")
        #expect(
            JSONSyntax.problem(in: Array("[[[]]]".utf8), bounds: bounds)
                == "line 1, column 3: this is nested too deeply; at most 2 levels")
    }

    @Test(arguments: ["{a:1,'a':2}", "{\"\\'\":1,'\\'':2}", "{a:1,/* */a:2,}"])
    func aNameTwiceWithComments(_ text: String) {
        #expect(
            JSONSyntax.problem(in: Array(text.utf8), allowingComments: true)?.contains("for the second time") == true)
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
