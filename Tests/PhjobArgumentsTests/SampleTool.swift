import PhjobArguments

/// A small program that uses everything the module has.
enum SampleTool {
    /// What its commands need from outside: nothing, but a type.
    struct Context {
        var offset: Int32 = 0
        var isDry = false
    }

    static let program = Program(
        root: CommandGroup<Context>(
            CommandInfo(name: "tool", summary: "run jobs for the tests of the argument parser"),
            sections: [
                .init("Jobs", [.command(Submit.self), .command(Run.self), .command(List.self), .command(Get.self)]),
                .init(
                    "Catalogue",
                    [
                        .group(
                            CommandGroup(
                                CommandInfo(
                                    name: "image", aliases: ["images"], summary: "the images that jobs can use"),
                                [.command(ImageList.self), .command(ImageCopy.self)])),
                        .command(Complete.self),
                    ]),
            ]),
        globals: SampleGlobals.self, version: "tool 1.2.3")

    /// What a command line comes to, as a command of type `C`.
    static func parse<C: Command<Context>>(
        _ type: C.Type = C.self, _ line: String, environment: [String: String] = [:]
    ) throws -> C {
        switch program.resolve(try ShellWords.split(line), environment: environment) {
        case .run(let call):
            guard let command = call.command as? C else { throw Unexpected(what: "\(call.command)") }
            return command
        case .fail(let error): throw error
        case .print(let text): throw Unexpected(what: text)
        }
    }

    struct Unexpected: Error {
        let what: String
    }
}

/// What all commands of the tool have in common, but `image list`.
struct SampleGlobals: GlobalOptions {
    var isDry = false
    var isReal = false

    static let arguments: [ArgumentSpec<Self>] = [
        .section(
            "In common",
            [
                .flag("--dry", "-d", to: \.isDry, help: "change nothing"),
                .flag("--real", to: \.isReal, help: "do it"),
            ])
    ]

    func validate() throws(UsageError) {
        if isDry, isReal { throw UsageError(.conflict("--dry", "--real")) }
    }

    func apply(to context: inout SampleTool.Context) { context.isDry = isDry }
}

/// A domain type with a reason.
struct Span: ArgumentValue, Equatable, CustomStringConvertible {
    var seconds: Int

    init(seconds: Int) {
        self.seconds = seconds
    }

    init(argument: String) throws {
        guard argument.hasSuffix("s"), let seconds = Int(argument.dropLast()) else {
            throw NoUnit()
        }
        self.seconds = seconds
    }

    struct NoUnit: Error, CustomStringConvertible {
        var description: String { "a duration needs a unit, as in '90s'" }
    }

    var description: String { "\(seconds)s" }
    static let valueName = "duration"
}

enum Output: String, CaseIterable, ArgumentValue {
    case table
    case json
    case jsonLines = "json-lines"
}

struct JobOptions: ArgumentGroup {
    var image: String?
    var instanceType = Given<String>()
    var variables: [String] = []
    var grace: Span?
    var wait: Bool?
    var color: Bool?

    static let arguments: [ArgumentSpec<Self>] = [
        .option(
            "--image", "-i", to: \.image, value: "name", help: "the image", environment: "TOOL_IMAGE",
            default: "from the catalogue", completion: .dynamic("images")),
        .section(
            "Resources",
            [
                .option(
                    "--instance-type", to: \.instanceType, value: "name", help: "the amount of CPU and memory",
                    environment: "TOOL_TYPE", completion: .values(["cpu-1", "it's: big"])),
                .option("--grace", to: \.grace, help: "time between the signals that stop the job"),
            ]),
        .option("--env", "-e", to: \.variables, value: "name=value", help: "a variable for the job"),
        .flag("--wait", to: \.wait, help: "wait for the end", environment: "TOOL_WAIT"),
        .flag("--color", to: \.color, inverse: "--no-color", help: "colour the output"),
    ]
}

struct Submit: Command {
    var options = JobOptions()
    var isQuiet = false
    var file: String?
    var script: String?
    var words: [String] = []

    static let info = CommandInfo(
        name: "submit", summary: "submit a job and print its id",
        discussion: """
            The command comes after '--', or as a script.
            Lines of one paragraph are joined, and wrapped to the width of the terminal.

              a table   is kept
              as it     is
            """,
        examples: [
            ("tool submit --image base -- python train.py --epochs 3", "run a command in an image"),
            ("echo nproc | tool submit -q -", "read the script from stdin"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("script", to: \.script, help: "a script, or '-' for stdin", completion: .file),
        .remaining("command", to: \.words, from: .separator, help: "the command and its arguments"),
        .group(\.options),
        .flag("-q", "--quiet", to: \.isQuiet, help: "print nothing but the id"),
        .option("--file", "-f", to: \.file, value: "path", help: "a job as JSON", completion: .file),
        .option("--secret", to: \.file, help: "not for people", hidden: true),
    ]

    mutating func validate() throws(UsageError) {
        if script != nil, !words.isEmpty {
            throw UsageError(.conflict("<script>", "-- <command>"))
        }
    }

    func run(_ context: SampleTool.Context) throws -> Int32 {
        if script == "late" {
            throw UsageError(.other("the script is \"late\"\u{1B}[31m"), from: .line(3, file: "late"))
        }
        return context.offset + 7
    }
}

struct Run: Command {
    var options = JobOptions()
    var directory = "."
    var words: [String] = []

    static let info = CommandInfo(
        name: "run", summary: "run a command", examples: [("tool run . ls -l", "list the files")])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("directory", to: \.directory, help: "where to run it", completion: .directory),
        .remaining("command", to: \.words, from: .firstWord, help: "the command", required: true, completion: .file),
        .group(\.options, except: "--env"),
    ]

    func run(_ context: SampleTool.Context) throws -> Int32 { 0 }
}

struct List: Command {
    var output = Output.table
    var limit: Int?
    var isAll = false
    var groups: [String] = []
    var verbosity = 0

    static let info = CommandInfo(
        name: "list", aliases: ["ls", "ps"], summary: "list jobs",
        examples: [("tool list --output json | jq .", "print JSON")])
    static let arguments: [ArgumentSpec<Self>] = [
        .option("--output", "-o", to: \.output, value: "format", help: "how to print them"),
        .option("--limit", "-n", to: \.limit, help: "how many at most"),
        .flag("--all", "-a", to: \.isAll, help: "all of them"),
        .option("--group", "-g", to: \.groups, value: "name", help: "only those of the group"),
        .flag("--verbose", "-v", to: \.verbosity, help: "say more; twice for still more"),
    ]

    mutating func validate() throws(UsageError) {
        if isAll, limit != nil {
            throw UsageError(.conflict("--all", "--limit"))
        }
    }

    func run(_ context: SampleTool.Context) throws -> Int32 { context.isDry ? 40 : 0 }
}

struct Get: Command {
    var jobs: [String] = []
    var field: String?

    static let info = CommandInfo(
        name: "get", aliases: ["show"], summary: "show jobs",
        examples: [("tool get @ --field id", "show the newest job")])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("job", to: \.jobs, help: "the id of a job", required: true, completion: .dynamic("jobs")),
        .option("--field", to: \.field, help: "only this field", environment: "TOOL_FIELD", required: true),
    ]

    func run(_ context: SampleTool.Context) throws -> Int32 { 0 }
}

struct ImageList: Command {
    static let info = CommandInfo(
        name: "list", summary: "list the images", examples: [("tool image list", "list the images")],
        takesGlobalOptions: false)
    static let arguments: [ArgumentSpec<Self>] = []

    func run(_ context: SampleTool.Context) throws -> Int32 { 0 }
}

struct ImageCopy: Command {
    var count = 0
    var format = Output.json
    var targets: [String] = []

    static let info = CommandInfo(
        name: "copy", summary: "copy an image", examples: [("tool image copy 3 table a b", "copy it three times")])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("count", to: \.count, help: "how often"),
        .positional("format", to: \.format, help: "the format", required: false),
        .positional("target", to: \.targets, help: "where to", completion: .directory),
    ]

    func run(_ context: SampleTool.Context) throws -> Int32 { 0 }
}

struct Complete: Command {
    var words: [String] = []

    static let info = CommandInfo(
        name: CompletionKind.commandName, summary: "print candidates for the shells", isHidden: true)
    static let arguments: [ArgumentSpec<Self>] = [
        .remaining("word", to: \.words, from: .firstWord, help: "a kind and a prefix")
    ]

    func run(_ context: SampleTool.Context) throws -> Int32 { 0 }
}
