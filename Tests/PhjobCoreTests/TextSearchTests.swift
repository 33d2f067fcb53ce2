import PhjobCore
import Testing

struct TextSearchTests {
    @Test(arguments: [
        ("", "", true), ("", "x", true), ("a", "", false), ("N4", "an4", true), ("n4", "AN4B", true),
        ("ab", "a b", false),
        ("aab", "aaab", true), ("abab", "abaabab", true), ("ababc", "ababababc", true), ("ababd", "ababababc", false),
        ("É", "caféx", true), ("straße", "STRASSE", false), ("Σ", "ΑΣΑ", true), ("x", "é", false), ("🚀", "a 🚀", true),
    ])
    func finds(_ wanted: String, in text: String, _ isFound: Bool) {
        #expect(TextSearch(wanted).isFound(in: text) == isFound)
    }

    /// As looking at every place would.
    @Test func agreesWithTheObvious() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let wanted = word(1...6, &generator)
            let text = word(0...20, &generator)
            let bytes = Array(text.utf8)
            let isThere = bytes.indices.contains { bytes[$0...].starts(with: wanted.utf8) }
            #expect(TextSearch(wanted).isFound(in: text) == isThere, "\(wanted) in \(text)")
        }
    }

    private func word(_ lengths: ClosedRange<Int>, _ generator: inout SeededGenerator) -> String {
        String((0..<Int.random(in: lengths, using: &generator)).map { _ in "ab".randomElement(using: &generator)! })
    }
}
