import PhjobArguments
import Testing

@testable import phjob

@Suite struct ProgramTests {
    @Test func declarationsAreSound() {
        #expect(PhjobProgram.program.problems() == [])
        #expect(JobOptions.layeringProblems() == [])
    }

    static let paths = PhjobProgram.program.describe().visibleTree().map { Array($0.path.dropFirst()) }

    @Test(arguments: paths) func everyCommandHasHelpWithExamples(path: [String]) throws {
        let world = try TestWorld()
        #expect(Phjob.run(path + ["--help"], world.context) == 0)
        #expect(world.output.text.contains("Usage: phjob"))
        #expect(world.output.text.split(separator: "\n").allSatisfy { $0.count <= 110 })
        #expect(world.errors.text == "")
    }

    @Test func everyVerbOfTheSpecificationExists() {
        let names = Set(Self.paths.map { $0.joined(separator: " ") })
        let wanted = [
            "init", "submit", "run", "list", "get", "logs", "wait", "cancel", "rerun", "image list",
            "instance-type list",
            "group list", "dataset list", "runner run", "runner start", "runner stop", "runner status", "doctor",
            "completion", "catalogue check",
        ]
        #expect(wanted.filter { !names.contains($0) } == [])
    }

    @Test(arguments: ["submit", "run", "wait", "logs", "rerun"]) func exitStatusesAreInHelp(command: String) throws {
        let world = try TestWorld()
        try world.run("\(command) --help")
        for status in ["120", "121", "122", "123", "124", "125"] { #expect(world.output.text.contains(status)) }
    }

    @Test(arguments: [
        ("submti", "did you mean 'submit'?"), ("submit --instnace-type x -- y", "did you mean '--instance-type'?"),
        ("submit python train.py", "put a command after '--'"), ("list --limit 0", "1 or more"),
        ("list --status done", "must be one of pending"), ("submit --deadline 90 -- x", "has no unit"),
        ("submit --env 1A=2 -- x", "does not begin with a digit"), ("submit --env NOT_THERE -- x", "is not set"),
        ("submit -f job.json -- x", "cannot be used together"), ("logs @ --exit-code", "needs '--follow'"),
        ("cancel", "which jobs?"), ("cancel @ --mine", "not both"), ("cancel --status failed", "can be cancelled"),
        ("cancel --search ''", "is empty, which every name has in it"), ("cancel --search ' '", "is empty"),
        ("cancel --all-users", "which jobs?"), ("cancel @ --all-users", "not both"), ("list --search ''", "is empty"),
        ("cancel --mine --user ben", "cannot be used together"),
        ("cancel --user b --all-users", "cannot be used together"),
        ("list --since yesterday", "write how long ago"), ("submit --cancel-on-interrupt -- x", "needs '--wait'"),
        ("list --watch", "needs a terminal"), ("wait", "is missing"), ("completion tcsh", "must be one of"),
    ])
    func wrongUsageIsToldWithWhatIsRight(line: String, words: String) throws {
        let world = try TestWorld()
        #expect(try world.run(line) == 64)
        #expect(world.errors.text.contains(words), "\(world.errors.text)")
        #expect(world.output.text == "")
    }

    @Test func versionAndCompletionsGoToStandardOutput() throws {
        for line in ["--version", "runner status --help", "completion bash", "completion zsh", "completion fish"] {
            let world = try TestWorld()
            #expect(try world.run(line) == 0)
            #expect(world.output.text.contains("phjob"))
        }
    }
}
