import Testing

@testable import PhjobEngine

struct LineTailTests {
    private func append(_ text: String, to tail: inout LineTail) -> [String] {
        Array(text.utf8).withUnsafeBytes { tail.append($0) }
    }

    @Test func linesComeWhenTheyAreComplete() {
        var tail = LineTail()
        #expect(append("one\ntw", to: &tail) == ["one"])
        #expect(append("o\n\n\nth", to: &tail) == ["two"])
        #expect(append("", to: &tail).isEmpty)
        #expect(append("ree\nfour\nfive", to: &tail) == ["three", "four"])
        #expect(tail.tail == "three; four; five")
    }

    @Test func progressBars() {
        var tail = LineTail()
        #expect(append("10%\r20%\r\n30%\r", to: &tail) == ["10%", "20%", "30%"])
        #expect(tail.tail == "10%; 20%; 30%")
    }

    @Test func characterCutInTwo() {
        var tail = LineTail()
        let bytes = Array("ü\n".utf8)
        #expect(bytes[..<1].withUnsafeBytes { tail.append($0) }.isEmpty)
        #expect(bytes[1...].withUnsafeBytes { tail.append($0) } == ["ü"])
    }

    @Test func nothingReachesATerminalRaw() {
        var tail = LineTail()
        #expect(append("\u{1b}[31mred\u{7}\n", to: &tail) == ["\\x1b[31mred\\x07"])
        #expect(
            [0xff, 0x0a].withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in tail.append(.init(rebasing: bytes[..<1]))
            }.isEmpty)
        _ = append("\u{9b}2J", to: &tail)
        #expect(tail.tail.hasSuffix("\\x9b2J"))
    }

    @Test func anEndlessLineTakesNoMemory() {
        var tail = LineTail()
        for _ in 0..<100 { _ = append(String(repeating: "x", count: 1000), to: &tail) }
        _ = append("end", to: &tail)
        #expect(tail.tail.count == 601 && tail.tail.hasSuffix("xend"))
    }

    /// podman says more after it.
    @Test func aFullDiskIsNamedHoweverLongAgo() {
        var tail = LineTail()
        _ = append("Error: writing blob: no space left on device\na\nb\nc\nd\n", to: &tail)
        #expect(tail.tail == "…Error: writing blob: no space left on device; b; c; d")
    }

    @Test func empty() {
        #expect(LineTail().tail.isEmpty)
    }
}
