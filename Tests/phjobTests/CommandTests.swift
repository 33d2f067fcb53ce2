import PhjobAPI
import PhjobCore
import PhjobHTTP
import Testing

@testable import phjob

@Suite struct CommandTests {
    private static func ok(_ value: some Encodable) throws -> HTTPResponse { try JSONBody.response(.ok, value) }

    @Test func submitPrintsTheIDAndNothingElse() throws {
        let (world, api) = try TestWorld.with { _ in try Self.ok(SampleView.waiting) }
        #expect(try world.run("submit --image base -- ls") == 0)
        #expect(world.output.text == "job-202611210727-000000\n")
        #expect(world.errors.text == "")
        #expect(api.submissions == [JobSubmission(image: "base", command: "ls")])
    }

    @Test func submitPrintsJSONWithSortedKeys() throws {
        let (world, _) = try TestWorld.with { _ in try Self.ok(SampleView.waiting) }
        #expect(try world.run("submit --json -- ls") == 0)
        #expect(try JSONBody.decode(JobView.self, from: world.output.bytes) == SampleView.waiting)
        #expect(world.output.text.hasPrefix("{\n  \"activeDeadlineSeconds\""))
    }

    @Test func aRefusalNamesWhereTheValueCameFrom() throws {
        let (world, _) = try TestWorld.with { _ in
            throw PhjobError(.notFound, "there is no image 'x' for group 'lab'", hint: "choose one")
        }
        world.environment["PHJOB_IMAGE"] = "x"
        #expect(try world.run("submit -- ls") == 1)
        #expect(world.errors.text == "phjob: there is no image 'x' for group 'lab' (from PHJOB_IMAGE); choose one\n")
        #expect(world.output.text == "")
    }

    @Test func dryRunShowsTheContainerCommand() throws {
        let (world, _) = try TestWorld.with { _ in
            try Self.ok(
                DryRunAnswer(job: SampleView.waiting, containerCommand: ["/usr/bin/podman", "run", "--name=a b"]))
        }
        #expect(try world.run("submit --dry-run -- ls") == 0)
        #expect(world.output.text.contains("/usr/bin/podman \\\n      run \\\n      '--name=a b'\n"))
        #expect(world.output.text.contains("Instance Type  cpu-2 (2 CPUs, 4G of memory, no GPU)\n"))
    }

    @Test func rerunIgnoresTheEnvironment() throws {
        let (world, api) = try TestWorld.with { _ in try Self.ok(SampleView.waiting) }
        world.environment = ["PHJOB_IMAGE": "x", "PHJOB_GROUP": "y"]
        #expect(try world.run("rerun @ --deadline 1h -e A=1") == 0)
        #expect(api.requests == ["POST jobs/@/rerun"])
        #expect(api.submissions == [JobSubmission(activeDeadlineSeconds: 3600, environment: ["A": "1"])])
    }

    @Test func listAsksForWhatIsWantedAndNotesWhatIsLeft() throws {
        let (world, _) = try TestWorld.with { exchange in
            #expect(exchange.request.queryValues("group") == ["lab", "other"])
            #expect(exchange.request.queryValues("status") == ["Running", "Pending"])
            #expect(exchange.request.queryValue("mine") == "1")
            #expect(exchange.request.queryValue("search") == "tr")
            #expect(exchange.request.queryValue("since") == TestWorld.now.adding(seconds: -7200).description)
            #expect(exchange.request.queryValue("limit") == "20")
            let items = Array(repeating: SampleView.running, count: 20)
            return try Self.ok(JobPage(items: items, next: SampleView.running.id, total: 57, revision: 1))
        }
        world.terminal = TerminalFacts(columns: 60, rows: 20, hasColor: false)
        #expect(try world.run("ls -g lab -g other -s running -s pending -m --search tr --since 2h") == 0)
        #expect(world.output.text.split(separator: "\n").allSatisfy { $0.count <= 60 })
        #expect(world.errors.text == "phjob: 20 of 57 jobs; --limit or --all shows more\n")
    }

    @Test func listGoesThroughAllPages() throws {
        let ids = (0..<5).map { SampleView.view($0) }
        let (world, api) = try TestWorld.with { exchange in
            let start =
                exchange.request.queryValue("after").flatMap { after in ids.firstIndex { $0.id.text == after } } ?? -1
            let items = Array(ids[(start + 1)...].prefix(2))
            let isLast = items.last == ids.last
            return try Self.ok(JobPage(items: items, next: isLast ? nil : items.last?.id, total: 5, revision: 1))
        }
        #expect(try world.run("list --all -q") == 0)
        #expect(world.output.text == ids.map { "\($0.id)\n" }.joined())
        #expect(api.requests.count == 3)
    }

    /// What a page goes on after may have been removed meanwhile.
    @Test func listShowsNoJobTwice() throws {
        let ids = (0..<5).map { SampleView.view($0) }
        let (world, _) = try TestWorld.with { exchange in
            let after = exchange.request.queryValue("after")
            let start = ids.firstIndex { $0.id.text == after } ?? 0
            let items = Array(ids[start...].prefix(3))
            let isLast = items.last == ids.last
            return try Self.ok(JobPage(items: items, next: isLast ? nil : items.last?.id, total: 5, revision: 1))
        }
        #expect(try world.run("list --all -q") == 0)
        #expect(world.output.text == ids.map { "\($0.id)\n" }.joined())
    }

    @Test func emptyListsAreEmpty() throws {
        let (world, _) = try TestWorld.with { _ in try Self.ok(JobPage(items: [], next: nil, total: 0, revision: 1)) }
        try world.run("list -q")
        #expect(world.output.text == "")
        try world.run("list --json")
        #expect(try JSONBody.decode([JobView].self, from: world.output.bytes) == [])
    }

    @Test func cancelTriesAllAndTellsWhatFailed() throws {
        let (world, _) = try TestWorld.with { exchange in
            guard exchange.request.target.segments[2] != "b" else {
                throw PhjobError(.conflict, "job b has already ended (Failed)")
            }
            return try Self.ok(SampleView.running)
        }
        #expect(try world.run("cancel a b c") == 1)
        #expect(world.output.text == "job-202611210727-000000\njob-202611210727-000000\n")
        #expect(world.errors.text.contains("phjob: job b has already ended (Failed)\n"))
        #expect(world.errors.text.contains("1 of 3 jobs"))
    }

    @Test(arguments: [(["y"], 0, 2), (["no"], 1, 1), ([], 1, 1)] as [([String], Int32, Int)])
    func aSelectionIsAskedAbout(answers: [String], status: Int32, requests: Int) throws {
        let (world, api) = try TestWorld.with { exchange in
            guard exchange.summary == "GET jobs" else { return try Self.ok(SampleView.running) }
            #expect(exchange.request.queryValues("status") == ["Pending", "Preparing", "Running"])
            return try Self.ok(JobPage(items: [SampleView.running], next: nil, total: 1, revision: 1))
        }
        world.answers = answers
        #expect(try world.run("cancel --mine") == status)
        #expect(world.errors.text.contains("Cancel this job of \(SampleView.running.userName)? [y/N]"))
        #expect(api.requests.count == requests)
    }

    /// Colleagues' jobs only for those who write that they mean them.
    @Test(
        arguments: [
            ("--group lab", "1", [], "this job of ana"), ("--search tr", "1", [], "this job of ana"),
            ("--status running", "1", [], "this job of ana"), ("--mine", "1", [], "this job of ana"),
            ("--group lab --all-users", nil, [], "these 3 jobs (2 of ben, 1 of ana)"),
            ("--user ben --user ana", nil, ["ben", "ana"], "these 3 jobs (2 of ben, 1 of ana)"),
        ] as [(String, String?, [String], String)])
    func aSelectionMeansOnesOwnJobs(options: String, mine: String?, users: [String], words: String) throws {
        let (world, api) = try TestWorld.with { exchange in
            guard exchange.summary == "GET jobs" else { return try Self.ok(SampleView.running) }
            #expect(exchange.request.queryValue("mine") == mine)
            #expect(exchange.request.queryValues("user") == users)
            let owners = mine == nil ? ["ben", "ana", "ben"] : ["ana"]
            let items = owners.enumerated().map { index, name in SampleView.view(index) { $0.userName = name } }
            return try Self.ok(JobPage(items: items, next: nil, total: items.count, revision: 1))
        }
        world.answers = ["n"]
        #expect(try world.run("cancel \(options)") == 1)
        #expect(world.errors.text.contains("Cancel \(words)? [y/N]"), "\(world.errors.text)")
        world.inputIsTerminal = false
        #expect(try world.run("cancel \(options)") == 1)
        #expect(world.errors.text.contains("\(words) would be cancelled"))
        #expect(api.requests.allSatisfy { $0 == "GET jobs" })
    }

    @Test func aSelectionThatIsEmptySaysWhoseItWas() throws {
        let (world, _) = try TestWorld.with { _ in try Self.ok(JobPage(items: [], next: nil, total: 0, revision: 1)) }
        #expect(try world.run("cancel --search x") == 0)
        #expect(world.errors.text.contains("you have no such jobs to cancel; --user or --all-users"))
    }

    @Test func pruneNamesTheOwners() throws {
        let (world, _) = try TestWorld.with { _ in
            try Self.ok(
                PruneAnswer(
                    jobs: [SampleView.view(0).id, SampleView.view(1).id], bytes: 5 << 20, isDone: false,
                    owners: ["ana": 1, "ben": 1]))
        }
        #expect(try world.run("prune --older-than 1d") == 0)
        #expect(world.output.text == "2 jobs (1 of ana, 1 of ben), about 5M on disk\n")
    }

    @Test func withoutATerminalASelectionNeedsYes() throws {
        let (world, api) = try TestWorld.with { exchange in
            guard exchange.summary == "GET jobs" else { return try Self.ok(SampleView.running) }
            return try Self.ok(JobPage(items: [SampleView.running], next: nil, total: 1, revision: 1))
        }
        world.inputIsTerminal = false
        #expect(try world.run("cancel --mine --status running") == 1)
        #expect(world.errors.text.contains("give --yes"))
        #expect(api.requests == ["GET jobs"])
        #expect(try world.run("cancel --mine --status running --yes") == 0)
        #expect(world.output.text == "job-202611210727-000000\n")
    }

    @Test func getPrintsOneObjectOrAList() throws {
        let (world, _) = try TestWorld.with { _ in try Self.ok(SampleView.running) }
        try world.run("get @ --json")
        #expect(try JSONBody.decode(JobView.self, from: world.output.bytes) == SampleView.running)
        let (other, _) = try TestWorld.with { _ in try Self.ok(SampleView.running) }
        try other.run("get a b --json")
        #expect(try JSONBody.decode([JobView].self, from: other.output.bytes).count == 2)
    }

    @Test func completionsNeverFail() throws {
        let world = try TestWorld()
        for kind in ["jobs", "groups", "images", "instance-types", "nonsense"] {
            #expect(try world.run("__complete \(kind)") == 0)
        }
        #expect(world.output.text == "" && world.errors.text == "")
        let (other, _) = try TestWorld.with { _ in
            try Self.ok(JobPage(items: [SampleView.running], next: nil, total: 1, revision: 1))
        }
        try other.run("__complete jobs job-2026")
        #expect(other.output.text == "job-202611210727-000000\trunning train\n")
    }

    @Test func whatIsNotThereIsToldWithTheExitStatusOfTheCommand() throws {
        let world = try TestWorld()
        for (line, status) in [("list", 1), ("submit -- x", 1), ("run -- x", 125), ("wait @", 125), ("logs @", 1)] {
            #expect(try world.run(line) == Int32(status))
        }
        #expect(try world.run("logs -f --exit-code @") == 125)
        #expect(try world.run("submit --wait -- x") == 125)
        #expect(try world.run("runner status") == 1)
        #expect(try world.run("runner stop") == 0)
    }
}
