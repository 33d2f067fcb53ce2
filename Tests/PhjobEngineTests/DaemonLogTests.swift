import Glibc
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobEngine

@Suite("docker's own log of a container")
struct DaemonLogTests {
    private static let time = "2026-11-21T15:05:58.055669302Z"

    private static func line(_ text: String, time: String = time, more: String = "") -> String {
        #"{"log":"\#(text)","stream":"stdout",\#(more)"time":"\#(time)"}"# + "\n"
    }

    private static func decode(_ text: String, by size: Int = .max) -> [UInt8] {
        var decoder = DaemonLogDecoder()
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            output += rest.prefix(size).withUnsafeBytes { decoder.decode($0) }
            rest = rest.dropFirst(size)
        }
        return output
    }

    @Test(
        "What the job printed",
        arguments: [
            (#"abc\n"#, "abc\n"), ("", ""), (#"\n"#, "\n"),
            (#"a\u003cb\u003e\u0026\"q\"\\ \u0009\u0001\ufffd\r\n"#, "a<b>&\"q\"\\ \t\u{1}\u{FFFD}\r\n"),
            ("é 😀\\n", "é 😀\n"), (#"\ud83d\ude00\u2028\n"#, "😀\u{2028}\n"),
            (#"\ud83dx\ude00\n"#, "\u{FFFD}x\u{FFFD}\n"),
            (#"\b\f\/\t\n"#, "\u{8}\u{C}/\t\n"), ("piece", "piece"), (#"\"\"\\\n"#, "\"\"\\\n"),
            (#"\",\"time\":\"x\n"#, "\",\"time\":\"x\n"),
        ])
    func text(_ json: String, _ printed: String) {
        let expected = Array("\(Self.time) \(printed)".utf8)
        let log = Self.line(json)
        #expect(Self.decode(log) == expected)
        #expect(Self.decode(log, by: 1) == expected)
        #expect(Self.decode(log + log, by: 7) == expected + expected)
    }

    @Test(
        "The time gets all its digits",
        arguments: [
            ("2026-11-21T15:05:58.05730764Z", "2026-11-21T15:05:58.057307640Z"),
            ("2026-11-21T15:05:58.1Z", "2026-11-21T15:05:58.100000000Z"),
            ("2026-11-21T15:05:58Z", "2026-11-21T15:05:58.000000000Z"),
        ])
    func time(_ written: String, _ printed: String) {
        #expect(Self.decode(Self.line(#"x\n"#, time: written)) == Array("\(printed) x\n".utf8))
    }

    @Test("Other members are passed over")
    func attributes() {
        let log = Self.line(#"x\n"#, more: #""attrs":{"tag":"a \"b\""},"#)
        #expect(Self.decode(log) == Array("\(Self.time) x\n".utf8))
    }

    @Test(
        "What is no line of a log is passed over, and what follows is not",
        arguments: [
            "\n", "{}\n", "\0\0\0\0\n", #"{"log":"abc"# + "\n",
            #"{"log":"abc\u00","stream":"stdout","time":"2026-11-21T15:05:58Z"}"# + "\n",
            #"{"log":"abc\x","stream":"stdout","time":"2026-11-21T15:05:58Z"}"# + "\n",
            #"{"log":"abc","stream":"stdout","time":"2026"}"# + "\n",
            #"{"log":"abc","stream":"stdout","time":"2026-11-21T15:05:58.1234567890Z"}"# + "\n",
            #"{"log":"abc","stream":"stdout","tome":"2026-11-21T15:05:58Z"}"# + "\n",
            #"{"log":"","time":""}"# + "\n", #"Z"}"# + "\n",
        ])
    func garbage(_ text: String) {
        #expect(Self.decode(text + Self.line(#"x\n"#)) == Array("\(Self.time) x\n".utf8))
    }

    @Test("A last line that was torn is no line")
    func torn() {
        let whole = Self.line(#"x\n"#)
        for length in 0..<whole.utf8.count {
            #expect(Self.decode(String(whole.prefix(length))).isEmpty)
        }
    }

    @Test("Any bytes do no harm")
    func fuzz() {
        var random = SeededGenerator(seed: 7)
        let pieces = [
            #"{"log":""#, #"","stream":"#, #""time":""#, Self.time, #"Z"}"#, "\\", "\\u", "d83d", "\n", "\"", "x",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let output = Self.decode(text)
            #expect(output == Self.decode(text, by: 3))
        }
    }

    @Test("Two files, the older first; a compressed one is left to docker")
    func files() throws {
        let directory = try TemporaryDirectory()
        let log = { DaemonLog(directory: directory.path, name: "x-json.log") }
        #expect(log() == nil)
        try directory.write(Self.line(#"two\n"#), to: "x-json.log")
        try directory.write(Self.line(#"one\n"#), to: "x-json.log.1")
        var output: [UInt8] = []
        try #require(log()).read { output += $0 }
        #expect(output == Array("\(Self.time) one\n\(Self.time) two\n".utf8))
        try directory.write("", to: "x-json.log.1.gz")
        #expect(log() == nil)
    }

    @Test("What comes is followed, over the ends of files, until nobody wants it any more")
    func follow() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = directory("x-json.log")
            try directory.write("", to: "x-json.log")
            let log = try #require(DaemonLog(directory: directory.path, name: "x-json.log"))
            let abandon = try Wakeup()
            let seen = Mutex<[UInt8]>([])
            let follower = Waiter {
                try log.read(follow: true, abandon: abandon.descriptor) { bytes in seen.withLock { $0 += bytes } }
            }
            func append(_ text: String) throws {
                try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_APPEND).write(Array(text.utf8))
            }
            var expected: [UInt8] = []
            for number in 0..<20 {
                // In two pieces: a line may be looked at while it is written.
                let line = Self.line("\(number)\\n")
                try append(String(line.prefix(40)))
                try append(String(line.dropFirst(40)))
                expected += "\(Self.time) \(number)\n".utf8
                if number % 7 == 6 { #expect(rename(path, path + ".1") == 0) }
                if number % 7 == 6 { try append("") }
                if number % 3 == 0 {
                    try blockUntil("it is seen") { seen.withLock(\.self) == expected }
                }
            }
            try blockUntil("all is seen") { seen.withLock(\.self) == expected }
            abandon.signal()
            try follower.get()
            #expect(seen.withLock(\.self) == expected)
        }
    }
}
