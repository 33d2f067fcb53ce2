import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

/// Bodies of almost 4 MiB that are made to cost more than they are worth.
@Suite("A body that is a bomb is refused, at once and in few words")
struct HostileJSONTests {
    struct Bomb: CustomTestStringConvertible {
        let name: String
        let body: [UInt8]
        /// The beginning of the message.
        let message: String
        var testDescription: String { name }

        init(_ name: String, _ body: String, _ message: String) {
            (self.name, self.body, self.message) = (name, Array(body.utf8), message)
        }

        init(_ name: String, bytes: [UInt8], _ message: String) {
            (self.name, self.body, self.message) = (name, bytes, message)
        }
    }

    private static let size = 4 << 20
    private static func list(_ item: String) -> String {
        "[" + String(repeating: item + ",", count: (size - 2 - item.utf8.count) / (item.utf8.count + 1)) + item + "]"
    }
    private static func filled(_ start: String, _ text: String, _ end: String) -> String {
        start + String(repeating: text, count: (size - start.utf8.count - end.utf8.count) / text.utf8.count) + end
    }
    private static let unusable = "the body is not JSON that can be used: line 1, column "

    static let bombs = [
        Bomb("numbers", list("1"), unusable + "40000: there are more than 20000 values"),
        Bomb("strings", list("\"\""), unusable),
        Bomb("lists", list("[]"), unusable),
        Bomb("objects", list("{}"), unusable),
        Bomb("open lists", filled("", "[", ""), unusable + "33: this is nested too deeply; at most 32 levels"),
        Bomb("open objects", filled("", #"{"a":"#, ""), unusable),
        Bomb(
            "many unknown names", "{" + (0..<19_000).map { "\"name\($0)\":1" }.joined(separator: ",") + "}", "'name0', "
        ),
        Bomb("a name without end", filled("{\"", "k", "\":1}"), "kkkkkkkkkkk"),
        Bomb(
            "a name of one character", filled("{\"e", "\u{301}", "\":1}"),
            "e" + String(repeating: "\u{301}", count: 99) + "…: is not known"),
        Bomb(
            "a name many times", "{" + String(repeating: #""command":"true","#, count: 20_000) + "}",
            unusable + "19: the name 'command' stands here for the second time"),
        Bomb("a number without end", filled("{\"activeDeadlineSeconds\":", "9", "}"), unusable),
        Bomb("a fraction without end", filled("{\"activeDeadlineSeconds\":0.", "9", "}"), "no command was given"),
        Bomb(
            "a number too large", #"{"activeDeadlineSeconds":1e400}"#,
            unusable + "26: this number is larger than any that can be used"),
        Bomb("half a character", #"{"command":"\ud800"}"#, unusable + "13: this escape is half of a character"),
        Bomb("NUL", #"{"command":"true\u0000"}"#, "the command has a NUL byte"),
        Bomb("NUL in a variable", #"{"command":"x","environment":{"A":"\u0000"}}"#, "the value of A has a NUL byte"),
        Bomb("bytes that are no text", bytes: [0x22, 0xff, 0xfe, 0x22], unusable + "1: the string"),
        Bomb("escapes", filled("{\"command\":\"", "\\u0041", "\",\"command\":1}"), unusable),
        Bomb("a command too long", filled("{\"command\":\"", "x", "\"}"), "the command has"),
        Bomb(
            "an image's name", filled("{\"command\":\"true\",\"image\":\"", "\\u001b", "\"}"),
            "there is no image '\\x1b"),
        Bomb(
            "a group's name", filled("{\"command\":\"true\",\"groupName\":\"", "\u{202e}", "\"}"), "there is no group '"
        ),
        Bomb("a job's name", filled("{\"command\":\"true\",\"displayName\":\"", "x", "\"}"), "the job name has"),
        Bomb("a key", filled("{\"command\":\"true\",\"idempotencyKey\":\"", "x", "\"}"), "an idempotency key"),
        Bomb(
            "many variables",
            "{\"command\":\"true\",\"environment\":{" + (0..<100_000).map { "\"A\($0)\":\"x\"" }.joined(separator: ",")
                + "}}",
            unusable),
        Bomb("blank", filled("", " ", ""), unusable),
        Bomb("comments", filled("/*", "/*", "*/{}"), unusable),
        Bomb("backslashes", filled("\"", "\\\\", "\""), "must be an object, not a string"),
    ]

    @Test(arguments: bombs)
    func refused(_ bomb: Bomb) async throws {
        try await withAPI { api in
            #expect(bomb.body.count <= 4 << 20)
            let request = HTTPRequest(
                "POST", "/v1/jobs", headers: ["Content-Type": "application/json"], body: bomb.body)
            let client = try api.connect()
            let response = try client.send(request)
            let body = try response.readBody(limit: 64 << 10)
            let error = try JSONBody.decode(ErrorBody.self, from: body).error
            #expect(error.message.hasPrefix(bomb.message), "\(error.message.prefix(200))")
            #expect(response.status == error.code.status)
            #expect(TerminalText.escaped(error.message) == error.message)
            #expect(try api.client.jobs(JobFilter()).total == 0)
        }
    }
}

extension String {
    /// What the API answers with, by the code's name.
    fileprivate var status: HTTPStatus? { PhjobError.Code(rawValue: self)?.status }
}
