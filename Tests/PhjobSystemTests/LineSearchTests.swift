import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

@Suite("Binary search in a file of lines")
struct LineSearchTests {
    /// Lines begin with a number; other lines cannot be compared.
    private static func number(_ line: UnsafeRawBufferPointer) -> Int? {
        Int(String(decoding: line.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
    }

    private static func offset(_ file: Descriptor, of wanted: Int, read: (Int) -> Void = { _ in }) throws -> Int64 {
        try withoutActuallyEscaping(read) { read in
            try LineSearch(file, beforeRead: read).offset { line in number(line).map { $0 < wanted } }
        }
    }

    @Test("As a search from the beginning would find it", arguments: [1, 7, 300, 40_000])
    func reference(_ longest: Int) throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: UInt64(longest))
        var text: [UInt8] = []
        var starts: [(number: Int, offset: Int64)] = []
        var number = 0
        while text.count < 600_000 {
            if Int.random(in: 0..<10, using: &random) == 0 {
                text += "none \(String(repeating: "y", count: Int.random(in: 0...longest, using: &random)))\n".utf8
            }
            starts.append((number, Int64(text.count)))
            text += "\(number) \(String(repeating: "x", count: Int.random(in: 0...longest, using: &random)))\n".utf8
            number += Int.random(in: 0...3, using: &random)
        }
        text += "torn".utf8
        try directory.write(text, to: "lines")
        let file = try Descriptor(opening: directory("lines"), flags: O_RDONLY)
        for wanted in [-1, 0, 1, number / 3, number / 2, number - 4, number, number + 1] {
            let expected = starts.first { $0.number >= wanted }?.offset ?? Int64(text.count)
            var bytes = 0
            let found = try Self.offset(file, of: wanted) { bytes += $0 }
            // What cannot be compared may be passed over or not.
            let between = text[Int(min(found, expected))..<Int(max(found, expected))]
            #expect(
                between.split(separator: 0x0a).allSatisfy {
                    !$0.contains(UInt8(ascii: "x")) || $0.starts(with: "none".utf8)
                })
            #expect(bytes < 4 << 20)
        }
    }

    @Test("An empty file, and one without a whole line", arguments: ["", "12", "\n", "\n\n", "x\n", "1\n", "1\n2"])
    func small(_ text: String) throws {
        let directory = try TemporaryDirectory()
        let file = try Descriptor(opening: directory.write(text, to: "lines"), flags: O_RDONLY)
        #expect(try Self.offset(file, of: 5) == Int64(text.utf8.count))
        #expect(try Self.offset(file, of: 1) == (text.hasPrefix("1\n") ? 0 : Int64(text.utf8.count)))
    }
}
