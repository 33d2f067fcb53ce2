import PhjobArguments
import Testing

/// Options that commands have in common.
@Suite struct GlobalOptionsTests {
    private static func resolve(_ line: String) throws -> Invocation<SampleTool.Context> {
        SampleTool.program.resolve(try ShellWords.split(line))
    }

    private static func failure(_ line: String) throws -> String? {
        guard case .fail(let error) = try resolve(line) else { return nil }
        return error.message
    }

    @Test(arguments: ["--dry list", "list --dry", "-d list -a", "list -ad", "--dry list --dry -n 3"])
    func theyChangeTheContextBeforeAndAfterTheName(_ line: String) throws {
        guard case .run(let call) = try Self.resolve(line) else { throw SampleTool.Unexpected(what: line) }
        #expect(try call.run(SampleTool.Context()) == 40)
        #expect(call.path == ["tool", "list"])
    }

    @Test func theyStandBetweenGroupAndCommand() throws {
        guard case .run(let call) = try Self.resolve("image --dry copy 3") else {
            throw SampleTool.Unexpected(what: "no call")
        }
        #expect(call.path == ["tool", "image", "copy"])
    }

    @Test func whatIsPassedOnIsNotTheirs() throws {
        guard case .run(let call) = try Self.resolve("run . ls --dry"), let command = call.command as? Run else {
            throw SampleTool.Unexpected(what: "no call")
        }
        #expect(command.words == ["ls", "--dry"])
        #expect(try call.run(SampleTool.Context()) == 0)
    }

    @Test(arguments: [
        ("--dry list --real", "'--dry' and '--real' cannot be used together"),
        ("--dry=yes list", "option '--dry' takes no value, but has 'yes'"),
        ("--dyr list", "unknown option '--dyr'; did you mean '--dry'?"),
        ("list --rael", "unknown option '--rael'; did you mean '--real'?"),
        ("--dry image list", "unknown option '--dry'"), ("image list --dry", "unknown option '--dry'"),
        ("--dry", "a command is missing; one of 'submit', 'run', 'list', 'get', 'image'"),
    ])
    func wrongUseIsTold(_ line: String, _ message: String) throws {
        #expect(try Self.failure(line) == message)
    }

    @Test func helpShowsThemWhereTheyCanBeUsed() throws {
        let cases = [("--help", true), ("list --help", true), ("image --help", true), ("image list -h", false)]
        for (line, shows) in cases {
            guard case .print(let help) = try Self.resolve(line) else { throw SampleTool.Unexpected(what: line) }
            #expect(help.contains("In common:\n  -d, --dry               change nothing\n") == shows, "\(line)")
        }
        guard case .print(let help) = try Self.resolve("--dry list --help") else {
            throw SampleTool.Unexpected(what: "no help")
        }
        #expect(help.contains("Usage: tool list"))
    }
}
