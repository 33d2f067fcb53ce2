import PhjobArguments
import Testing

@Suite struct ManPageTests {
    private let pages = ManPageRenderer(version: "tool 1.2.3", date: "2025-01-02")
        .pages(for: SampleTool.program.describe())

    @Test func onePageForEachCommand() {
        #expect(
            pages.map(\.fileName) == [
                "tool.1", "tool-submit.1", "tool-run.1", "tool-list.1", "tool-get.1", "tool-image.1",
                "tool-image-list.1", "tool-image-copy.1",
            ])
    }

    @Test func golden() throws {
        let page = try #require(pages.first { $0.fileName == "tool-submit.1" })
        try Golden.expect(page.text, is: page.fileName)
    }

    @Test func everyLineIsText() {
        let macros = [".TH", ".SH", ".TP", ".PP", ".B", ".nf", ".fi"]
        for page in pages {
            #expect(page.text.hasPrefix(".TH \"TOOL"))
            #expect(page.text.hasSuffix("\n"))
            for line in page.text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
                #expect(!line.isEmpty)
                #expect(!line.hasSuffix(" "))
                #expect(!line.hasPrefix("'"))
                if line.hasPrefix(".") {
                    #expect(macros.contains { line == $0 || line.hasPrefix($0 + " ") }, "\(line)")
                }
                #expect(!line.contains(/(^|[^\\])-/), "an unescaped dash: \(line)")
            }
        }
    }

    @Test func troublesomeTextStaysText() throws {
        let info = CommandInfo(name: "x", summary: ".SH is \\ text", discussion: "'quote' at the start\n\n  .kept \\n")
        let text = try #require(ManPageRenderer(version: "\"1\"").pages(for: info).first).text
        #expect(text.contains(".TH \"X\" 1 \"\" \"\\(dq1\\(dq\" \"x manual\"\n"))
        #expect(text.contains("x \\- \\&.SH is \\e text\n"))
        #expect(text.contains(".PP\n\\(aqquote\\(aq at the start\n"))
        #expect(text.contains(".nf\n  .kept \\en\n.fi\n"))
    }
}
