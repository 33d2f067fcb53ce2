import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobHTTP
import PhjobRunner
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import phjob

/// What commands do on a machine with one runner for everybody.
@Suite struct SystemModeTests {
    private static let status = RunnerStatus(
        version: "0", pid: 1, startTime: TestWorld.now, stateDirectory: "/state", catalogue: "/catalogue",
        catalogueProblems: [], engine: nil, engineProblem: "there is none", startsHeldBecause: nil, mode: "system",
        capacity: .init(.zero), free: .init(.zero), jobs: [:], quarantined: [])

    @Test func initSaysThatThereIsNothingToSetUp() throws {
        let world = try TestWorld()
        world.mode = .system
        world.api = try FakeAPI { _ in nil }
        #expect(try world.run("init") == 1)
        #expect(world.errors.text.contains("there is nothing to set up: a runner for everybody serves you at"))
        #expect(world.errors.text.contains("phjob init --personal"))
        #expect(world.directory.status("config.json") == nil)
    }

    @Test func initForEverybodyWritesACatalogueThatAdministratorsComplete() throws {
        let world = try TestWorld()
        #expect(try world.run("init --system --engine podman --network none") == 0, "\(world.errors.text)")
        let text = try world.directory.text("config.json")
        try InitCommand.check(text)
        #expect(text.contains("\"unixGroup\""))
        #expect(world.errors.text.contains("add the groups of people"))
        #expect(try world.directory.names().contains("state") == false)
    }

    /// What stands there as an example must work once its slashes are taken away.
    @Test func whatIsCommentedOutIsValidToo() throws {
        var template = CatalogueTemplate(
            userName: "root", node: NodeSize(processors: 4, memory: MemorySize(bytes: 16 << 30), gpus: 1), volume: nil,
            images: [])
        template.isForEverybody = true
        let lines = template.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let trimmed = line.drop { $0 == " " }
            let isExample = trimmed.hasPrefix("// {") || trimmed.hasPrefix("// \"") && trimmed.contains("\": ")
            return isExample ? String(trimmed.dropFirst(3)) : String(line)
        }
        let text = lines.joined(separator: "\n")
        #expect(text.contains("\n{\"name\": \"lab\""))
        #expect(text.contains("\n\"perUser\": {"))
        try InitCommand.check(text)
    }

    @Test func stoppingIsForTheServerToDecide() throws {
        let world = try TestWorld()
        world.mode = .system
        world.api = try FakeAPI { exchange in
            guard exchange.summary == "GET runner" else {
                throw PhjobError(.forbidden, "only administrators stop the runner")
            }
            return try JSONBody.response(.ok, Self.status)
        }
        #expect(try world.run("runner stop") == 1)
        #expect(world.errors.text.contains("only administrators stop the runner"))
    }

    @Test func namesForTheShellComeFromTheRunner() throws {
        let world = try TestWorld()
        world.mode = .system
        world.api = try FakeAPI { exchange in
            let text = """
                {"groups": [{"name": "lab", "displayName": "Lab", "users": [], "jobDefaultActiveDeadlineSeconds": 1,
                             "isDefault": true}],
                 "instanceTypes": [], "images": [], "datasets": []}
                """
            let catalogue = try JSONBody.decode(CatalogueView.self, from: Array(text.utf8))
            return exchange.summary == "GET catalogue" ? try JSONBody.response(.ok, catalogue) : nil
        }
        #expect(try world.run("__complete groups l") == 0)
        #expect(world.output.text == "lab\tLab\n")
    }

    @Test func manualPagesAreWrittenForEveryCommand() throws {
        let world = try TestWorld()
        #expect(try world.run("__man \(world.directory.path)") == 0)
        let wanted = PhjobProgram.program.describe().visibleTree().map { "\($0.path.joined(separator: "-")).1" }
        #expect(try world.directory.names() == wanted.sorted())
        #expect(world.output.text.split(separator: "\n").map(String.init) == wanted)
        for name in wanted {
            let lines = try world.directory.text(name).split(separator: "\n")
            #expect(lines.first?.hasPrefix(".TH ") == true)
            // Whatever begins with a dot is a request to roff; text that does must be escaped.
            let macros = [".TH", ".SH", ".B", ".PP", ".TP", ".nf", ".fi"]
            let unknown = lines.filter { line in
                line.first.map { ".'".contains($0) } == true
                    && !macros.contains { line == $0 || line.hasPrefix("\($0) ") }
            }
            #expect(unknown == [], "\(name)")
        }
        #expect(world.directory.mode("phjob.1") == 0o644)
    }
}
