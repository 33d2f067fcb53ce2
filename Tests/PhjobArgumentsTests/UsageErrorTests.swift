import PhjobArguments
import Testing

/// One wrong command line and what is said about it.
struct UsageErrorCase: CustomTestStringConvertible, Sendable {
    let id: String
    let words: [String]
    let environment: [String: String]
    let message: String

    init(_ id: String, _ words: [String], _ message: String, environment: [String: String] = [:]) {
        self.id = id
        self.words = words
        self.environment = environment
        self.message = message
    }

    var testDescription: String { id }
}

@Suite struct UsageErrorTests {
    static let cases: [UsageErrorCase] = [
        .init("no command", [], "a command is missing; one of 'submit', 'run', 'list', 'get', 'image'"),
        .init("mistyped command", ["sbmit"], "unknown command 'sbmit'; did you mean 'submit'?"),
        .init("beginning of a command", ["sub"], "unknown command 'sub'; did you mean 'submit'?"),
        .init("strange command", ["frobnicate"], "unknown command 'frobnicate'"),
        .init("empty command", [""], "unknown command ''"),
        .init("hidden commands are not suggested", ["_complete"], "unknown command '_complete'"),
        .init("mistyped help", ["--hlep"], "unknown option '--hlep'; did you mean '--help'?"),
        .init("option before the command", ["--output=x", "list"], "option '--output' must stand after a command"),
        .init("group alone", ["image"], "a command is missing; one of 'list', 'copy'"),
        .init("unknown in a group", ["image", "lst"], "unknown command 'lst'; did you mean 'list'?"),
        .init("help of nothing", ["help", "lst"], "unknown command 'lst'; did you mean 'list'?"),
        .init("mistyped option", ["list", "--outptu", "json"], "unknown option '--outptu'; did you mean '--output'?"),
        .init("abbreviated option", ["list", "--out", "json"], "unknown option '--out'; did you mean '--output'?"),
        .init("hidden options are not suggested", ["submit", "--secre"], "unknown option '--secre'"),
        .init("lonely dash with a long name", ["list", "-all"], "unknown option '-all'; did you mean '--all'?"),
        .init("unknown letter", ["list", "-x"], "unknown option '-x'"),
        .init("unknown letter in a bundle", ["list", "-ax"], "unknown option '-x'"),
        .init("value missing at the end", ["list", "--limit"], "option '--limit <number>' needs a value"),
        .init("short value missing", ["list", "-an"], "option '-n <number>' needs a value"),
        .init(
            "option instead of a value", ["list", "-o", "--all"],
            "option '-o <format>' needs a value, but '--all' follows; to use that as the value, join them with '='"),
        .init("value of a flag", ["list", "--all=yes"], "option '--all' takes no value, but has 'yes'"),
        .init("value of a short flag", ["list", "-a=yes"], "option '-a' takes no value, but has 'yes'"),
        .init("value of help", ["list", "--help=yes"], "option '--help' takes no value, but has 'yes'"),
        .init("not a number", ["list", "-nfew"], "invalid value 'few' for '--limit': must be a whole number"),
        .init("empty number", ["list", "--limit="], "invalid value '' for '--limit': must be a whole number"),
        .init(
            "huge number", ["list", "--limit", "99999999999999999999"],
            "invalid value '99999999999999999999' for '--limit': the number is too large"),
        .init(
            "enum", ["list", "-o", "jsn"],
            "invalid value 'jsn' for '--output': must be one of 'table', 'json', 'json-lines'; did you mean 'json'?"),
        .init(
            "domain type", ["submit", "--grace", "90"],
            "invalid value '90' for '--grace': a duration needs a unit, as in '90s'"),
        .init(
            "positional", ["image", "copy", "two"], "invalid value 'two' for '<count>': must be a whole number"),
        .init("repeated option", ["list", "-n1", "--limit=2"], "option '--limit' is given more than once"),
        .init(
            "flag and its inverse", ["submit", "--color", "--no-color"],
            "'--color' and '--no-color' cannot be used together"),
        .init("conflict", ["list", "--all", "-n", "3"], "'--all' and '--limit' cannot be used together"),
        .init("missing positional", ["image", "copy"], "argument '<count>' is missing: how often"),
        .init("missing repeatable", ["get", "--field", "x"], "argument '<job>' is missing: the id of a job"),
        .init("missing rest", ["run", "."], "argument '<command>' is missing: the command"),
        .init("missing option", ["get", "job-1"], "option '--field <text>' is missing; give it, or set TOOL_FIELD"),
        .init("unexpected word", ["list", "now"], "unexpected argument 'now'"),
        .init("unexpected after dashes", ["list", "--", "-a"], "unexpected argument '-a'"),
        .init("word before the rest", ["submit", "a", "b"], "unexpected argument 'b'; put a command after '--'"),
        .init(
            "bad variable", ["submit"],
            "environment variable TOOL_WAIT: invalid value 'perhaps' for '--wait': must be one of '1', 'true', 'yes', "
                + "'on', '0', 'false', 'no', 'off'",
            environment: ["TOOL_WAIT": "perhaps"]),
        .init(
            "terminal escapes", ["list", "\u{1B}]0;x\u{7}\n\u{202E}é"],
            "unexpected argument '\\u{1b}]0;x\\u{7}\\n\\u{202e}é'"),
        .init(
            "terminal escapes in an option", ["list", "--\u{9B}31m"], "unknown option '--\\u{9b}31m'"),
        .init(
            "very long word", ["list", String(repeating: "x", count: 1_000_000)],
            "unexpected argument '\(String(repeating: "x", count: 100))…'"),
    ]

    @Test(arguments: cases) func message(_ example: UsageErrorCase) throws {
        let invocation = SampleTool.program.resolve(example.words, environment: example.environment)
        guard case .fail(let error) = invocation else {
            Issue.record("accepted: \(invocation)")
            return
        }
        #expect(error.message == example.message)
        #expect(error.command?.hasPrefix("tool") == true)
        #expect(error.usage?.hasPrefix("tool") == true)
    }

    @Test func ids() {
        #expect(Set(Self.cases.map(\.id)).count == Self.cases.count)
    }

    @Test func description() throws {
        guard case .fail(let error) = SampleTool.program.resolve(["ps", "--lmit", "3"]) else {
            Issue.record("accepted")
            return
        }
        #expect(
            error.description == """
                error: unknown option '--lmit'; did you mean '--limit'?
                usage: tool list [options]
                see 'tool list --help'
                """)
        #expect(UsageError.exitStatus == 64)
    }

    @Test func errorsOfRunningAreCompleted() throws {
        guard case .run(let call) = SampleTool.program.resolve(["submit", "late"]) else {
            Issue.record("not run")
            return
        }
        let error = try #require(throws: UsageError.self) { try call.run(.init()) }
        #expect(
            error.description == """
                error: late: line 3: the script is "late"\\u{1b}[31m
                usage: tool submit [options] [<script>] [-- <command>...]
                see 'tool submit --help'
                """)
    }

    @Test(arguments: [
        ("submti", "submit"), ("Submit", "submit"), ("-image", "--image"), ("--images", "--image"), ("x", nil),
        ("re", "rerun"), ("cancle", "cancel"), ("", nil), ("zzzzzz", nil),
    ])
    func suggestion(typed: String, meant: String?) {
        #expect(Suggestion.best(for: typed, among: ["submit", "rerun", "cancel", "--image", "l"]) == meant)
    }
}
