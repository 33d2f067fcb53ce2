import PhjobCore
import Testing

struct NameTests {
    @Test(arguments: ["a", "0", "research", "cpu-1", "a.b_c-d", "a--b", String(repeating: "a", count: 63)])
    func valid(_ name: String) {
        #expect(Name.isValid(name))
    }

    @Test(arguments: [
        "", ".", "..", "a..b", "-a", "a-", ".a", "a.", "_a", "a_", "A", "a/b", "a\\b", "a b", "a:b", "a,b", "a\n",
        "a\0b",
        "é", "e\u{301}", "а", "a\u{202e}b", "-rf", "../x", String(repeating: "a", count: 64), "a=b", "a*", "$a",
    ])
    func invalid(_ name: String) {
        #expect(!Name.isValid(name))
    }

    @Test(arguments: ["A", "_", "a1", "PATH", "_X9", String(repeating: "X", count: 255)])
    func environmentNames(_ name: String) {
        #expect(Name.isEnvironmentName(name))
    }

    @Test(arguments: [
        "", "1A", "A-B", "A B", "A=B", "A\0", "É", "A\u{301}", "*", "A;B", "$(x)", String(repeating: "X", count: 256),
    ])
    func noEnvironmentNames(_ name: String) {
        #expect(!Name.isEnvironmentName(name))
    }

    @Test(arguments: [
        "train", "Train 42 (günstig) 🚀", "日本語", "-v", "a:b,c", "lr/1e-3", "a\\b", String(repeating: "ü", count: 200),
    ])
    func displayNames(_ name: String) {
        #expect(Name.problem(inDisplayName: name) == nil)
    }

    @Test(arguments: [
        ("", "is empty"), ("  \t", "is empty"), ("\u{3000}", "is empty"), ("a\nb", "control character"),
        ("\u{1b}]0;x\u{7}", "control character"),
        ("a\u{202e}b", "control character"),
        ("a\u{9b}b", "control character"), ("a\0", "control character"),
        (String(repeating: "a", count: 201), "has 201 characters; at most 200"),
        ("e" + String(repeating: "\u{301}", count: 300), "301 characters"),
    ])
    func badDisplayNames(_ name: String, words: String) {
        #expect(Name.problem(inDisplayName: name)?.contains(words) == true)
    }
}
