import PhjobArguments
import Testing

@Suite struct HelpTests {
    private func help(_ words: [String], width: Int = 80) throws -> String {
        guard case .print(let text) = SampleTool.program.resolve(words, helpWidth: width) else {
            throw SampleTool.Unexpected(what: "no help for \(words)")
        }
        return text
    }

    @Test(arguments: [
        (["--help"], "help.txt"),
        (["image", "-h"], "help-image.txt"),
        (["submit", "--help"], "help-submit.txt"),
        (["run", "--help"], "help-run.txt"),
        (["ls", "--help"], "help-list.txt"),
        (["get", "--help"], "help-get.txt"),
    ])
    func golden(words: [String], file: String) throws {
        try Golden.expect(try help(words), is: file)
    }

    @Test func narrow() throws {
        try Golden.expect(try help(["submit", "--help"], width: 44), is: "help-submit-narrow.txt")
    }

    @Test(arguments: [
        ["help", "submit"], ["submit", "-h"], ["submit", "-qh"], ["submit", "a", "--wait", "--help"],
        ["submit", "--help", "--nonsense"], ["help", "submit", "--help"], ["help", "submit", "more"],
    ])
    func waysToSubmitHelp(words: [String]) throws {
        #expect(try help(words) == help(["submit", "--help"]))
    }

    @Test(arguments: [["help"], ["-h"], ["help", "--help"], ["--help", "submit"]])
    func waysToRootHelp(words: [String]) throws {
        #expect(try help(words) == help(["--help"]))
    }

    @Test(arguments: [["help", "image"], ["image", "help"], ["images", "--help"]])
    func waysToGroupHelp(words: [String]) throws {
        #expect(try help(words) == help(["image", "--help"]))
        #expect(try help(["help", "image", "list"]) == help(["image", "list", "-h"]))
        #expect(try help(["image", "help", "list"]) == help(["image", "list", "-h"]))
    }

    @Test func version() throws {
        #expect(try help(["--version"]) == "tool 1.2.3\n")
    }

    @Test(arguments: [-1, 0, 30, 40, 57, 80, 120, 500])
    func widths(width: Int) throws {
        for words in [["--help"], ["submit", "-h"], ["list", "-h"], ["image", "-h"]] {
            let lines = try help(words, width: width).split(separator: "\n", omittingEmptySubsequences: false)
            for line in lines {
                #expect(!line.hasSuffix(" "))
                // Command lines stay whole, and a word can be longer than its column.
                #expect(line.count <= max(40, min(120, width)) || line.hasPrefix("  tool") || line.hasPrefix("  echo"))
            }
        }
    }

    @Test func hiddenThingsAreNotShown() throws {
        #expect(!(try help(["--help"])).contains("__complete"))
        #expect(!(try help(["submit", "--help"])).contains("--secret"))
    }
}
