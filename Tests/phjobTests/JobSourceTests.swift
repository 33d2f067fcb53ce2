import PhjobArguments
import PhjobCore
import PhjobTestSupport
import Testing

@testable import phjob

@Suite struct JobSourceTests {
    /// What a command line would submit.
    private static func submission(_ line: String, in world: TestWorld) throws -> JobSubmission {
        let words = try ShellWords.split(line)
        switch PhjobProgram.program.resolve(words, environment: world.environment) {
        case .run(let call):
            let command = try #require(call.command as? SubmitCommand)
            return try command.source.resolve(world.context).submission
        case .fail(let error): throw error
        case .print(let text): throw PhjobError(.internalError, text)
        }
    }

    @Test(arguments: [
        ("submit -- 'echo $HOME && ls'", "echo $HOME && ls"), ("submit -- echo 'a b' \\$HOME", "echo 'a b' '$HOME'"),
        ("submit -- ls -l --wait", "ls -l --wait"), ("submit -- echo \"it's\"", #"echo 'it'\''s'"#),
    ])
    func wordsBecomeAScript(line: String, command: String) throws {
        #expect(try Self.submission(line, in: TestWorld()).command == command)
    }

    @Test func optionsBeatEnvironmentBeatsDirectives() throws {
        let world = try TestWorld()
        let path = try world.directory.write(
            "#!/bin/sh\n#PHJOB --group g-script --image i-script -t t-script --name n --env A=1 --env B=1 --deadline 1h\nls\n",
            to: "train.sh")
        world.environment = ["PHJOB_IMAGE": "i-env", "PHJOB_INSTANCE_TYPE": "t-env", "C": "here"]
        #expect(
            try Self.submission("submit --instance-type t-flag -e B=2 -e C \(path)", in: world)
                == JobSubmission(
                    displayName: "n", groupName: "g-script", instanceType: "t-flag", image: "i-env",
                    command: try world.directory.text("train.sh"), activeDeadlineSeconds: 3600,
                    environment: ["A": "1", "B": "2", "C": "here"]))
    }

    @Test func optionsBeatEnvironmentBeatsAFile() throws {
        let world = try TestWorld()
        let text =
            #"{"command": "x", "image": "i", "instanceType": "t", "groupName": "g", "environment": {"A": "1", "B": "1"}}"#
        let path = try world.directory.write(text, to: "job.json")
        world.environment = ["PHJOB_IMAGE": "i-env", "PHJOB_INSTANCE_TYPE": "t-env"]
        #expect(
            try Self.submission("submit -f \(path) -t t-flag -e B=2", in: world)
                == JobSubmission(
                    groupName: "g", instanceType: "t-flag", image: "i-env", command: "x",
                    environment: ["A": "1", "B": "2"]))
        world.input = Array(text.utf8)
        #expect(try Self.submission("submit -f -", in: world).command == "x")
    }

    @Test func aScriptGivesItsNameUnlessThereIsAnother() throws {
        let world = try TestWorld()
        let path = try world.directory.write("ls\n", to: "train.sh")
        #expect(try Self.submission("submit \(path)", in: world).displayName == "train.sh")
        #expect(try Self.submission("submit -n other \(path)", in: world).displayName == "other")
    }

    @Test func aPipeIsReadWithoutBeingNamed() throws {
        let world = try TestWorld()
        world.inputIsTerminal = false
        world.input = Array("#PHJOB --name piped\nnproc\n".utf8)
        let submission = try Self.submission("submit", in: world)
        #expect(submission.command == "#PHJOB --name piped\nnproc\n")
        #expect(submission.displayName == "piped")
        // A command is taken as it is, whatever the input.
        #expect(try Self.submission("submit -- ls", in: world).command == "ls")
    }

    @Test func anEnvironmentFileIsBeatenByOptions() throws {
        let world = try TestWorld()
        let path = try world.directory.write("A=1\nB=1\n", to: "env")
        #expect(
            try Self.submission("submit -e B=2 --env-file \(path) -- ls", in: world).environment == [
                "A": "1", "B": "2",
            ])
    }

    @Test(arguments: [
        ("#PHJOB --wait\n", "line 1: unknown option '--wait'"), ("#PHJOB --env-file x\n", "cannot be given in a file"),
        ("#PHJOB --deadline 5\n", "has no unit"), ("#PHJOB --name 'x\n", "line 1"),
        ("#PHJOB ls\n", "only options can stand here"),
    ])
    func aWrongDirectiveIsNamed(script: String, words: String) throws {
        let world = try TestWorld()
        let path = try world.directory.write(script + "ls\n", to: "job.sh")
        #expect(try world.run("submit \(path)") == 64)
        #expect(world.errors.text.contains(words), "\(world.errors.text)")
    }

    @Test func aDirectiveAfterTheFirstCommandIsWarnedOf() throws {
        let world = try TestWorld()
        let path = try world.directory.write("ls\n#PHJOB --name x\n", to: "job.sh")
        #expect(try Self.submission("submit \(path)", in: world).displayName == "job.sh")
        #expect(world.errors.text.contains("line 2 is not in force"))
    }

    @Test(
        arguments: [
            ("submit", 64, "a command is missing"), ("submit /nowhere/x.sh", 1, "/nowhere/x.sh"),
            ("submit DIR", 1, "is a directory"),
            ("submit DIR/binary", 1, "line 2 is not UTF-8"), ("submit DIR/large", 1, "has more than 3145728 bytes"),
            ("submit -f DIR/large", 1, "has more than 8388608 bytes"), ("submit -f DIR/binary", 1, "not valid JSON"),
            ("submit -f DIR/long.json", 1, "the command has 4000000 bytes"),
            ("submit -f DIR/quotes.json", 1, "bytes as JSON; at most 4194304"),
            ("run DIR/large", 125, "has more than 3145728 bytes"),
        ] as [(String, Int32, String)])
    func whatCannotBeSubmittedIsRefusedBeforeAnythingIsSent(line: String, status: Int32, words: String) throws {
        let world = try TestWorld()
        try world.directory.write([0x61, 0x0a, 0xff, 0x0a], to: "binary")
        try world.directory.write([UInt8](repeating: 0x61, count: 10 << 20), to: "large")
        try world.directory.write("{\"command\": \"\(String(repeating: "a", count: 4_000_000))\"}", to: "long.json")
        try world.directory.write(
            "{\"command\": \"\(String(repeating: "\\u0001", count: 1 << 20))\"}", to: "quotes.json")
        #expect(try world.run(line.replacing("DIR", with: world.directory.path)) == status)
        #expect(world.errors.text.contains(words), "\(world.errors.text)")
    }
}
