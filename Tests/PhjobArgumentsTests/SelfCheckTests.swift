import PhjobArguments
import Testing

@Suite struct SelfCheckTests {
    @Test func sampleIsSound() {
        #expect(SampleTool.program.problems() == [])
    }

    /// A command in which nearly everything is wrong.
    struct Wrong: Command {
        var first: String?
        var second = ""
        var many: [String] = []
        var rest: [String] = []
        var flag = false

        static let info = CommandInfo(
            name: "Wrong", aliases: ["-w"], summary: "Does this.",
            examples: [("wrong --flagg", "bad option."), ("wrong 'x", "bad quotes"), ("ls | grep wrong", "fine")])
        static let arguments: [ArgumentSpec<Self>] = [
            .positional("first", to: \.first, help: "the first"),
            .positional("second", to: \.second, help: "the second"),
            .positional("many", to: \.many, help: ""),
            .remaining("rest", to: \.rest, from: .firstWord, help: "the rest"),
            .positional("late", to: \.first, help: "the late"),
            .flag("--flag", "-f", to: \.flag, help: "a\nb"),
            .flag("--help", "-f", to: \.flag, help: "a flag", environment: "no-name"),
            .flag("flag", to: \.flag, inverse: "-no-flag", help: "a flag"),
            .flag(to: \.flag, help: "nameless"),
            .option("--option", to: \.first, value: "a b", help: "an option", required: true, hidden: true),
        ]

        func run(_ context: Int) throws -> Int32 { 0 }
    }

    @Test func everyProblemIsFound() {
        let program = Program(
            root: CommandGroup<Int>(
                CommandInfo(name: "wrong", summary: "a program"), [.command(Wrong.self), .command(Wrong.self)]),
            version: "1")
        let problems = program.problems()
        for expected in [
            "wrong: the command 'Wrong' exists twice",
            "wrong Wrong: the name is not a word",
            "wrong Wrong: the alias '-w' is not a word",
            "wrong Wrong: the summary ends with a full stop",
            "wrong Wrong: the explanation of 'wrong --flagg' ends with a full stop",
            "wrong Wrong: '-f' exists twice",
            "wrong Wrong: '--help' exists twice",
            "wrong Wrong: the required '<second>' stands after an optional argument",
            "wrong Wrong: '<rest>' stands after the repeatable '<many>'",
            "wrong Wrong: '<late>' stands after '<rest>', which takes all",
            "wrong Wrong: the help of '<many>' is empty",
            "wrong Wrong: the help of '--flag' has line breaks, or spaces around it",
            "wrong Wrong: 'no-name' is not the name of an environment variable",
            "wrong Wrong: 'flag' is not an option's name",
            "wrong Wrong: '-no-flag' is not an option's name",
            "wrong Wrong: an option has no name: nameless",
            "wrong Wrong: the value name of '--option' is not a word",
            "wrong Wrong: '--option' is hidden but required",
            "wrong Wrong: example 'wrong --flagg': option '--flagg' must stand after a command",
            "wrong Wrong: example 'wrong 'x': a single quote (') is not closed",
        ] {
            #expect(problems.contains(expected), "\(expected)")
        }
        #expect(!problems.contains { $0.contains("ls |") })
    }
}
