import PhjobAPI
import PhjobCore
import PhjobHTTP
import Testing

@testable import phjob

@Suite struct AdministrationCommandTests {
    private static let amount = RunnerStatus.Amount(.zero)

    private static func status(_ jobs: [String: Int]) -> RunnerStatus {
        RunnerStatus(
            version: "1", pid: 1, startTime: Timestamp(milliseconds: 0), stateDirectory: "/s", catalogue: "/c",
            catalogueProblems: [], engine: nil, engineProblem: nil, startsHeldBecause: nil, capacity: amount,
            free: amount, jobs: jobs, quarantined: [])
    }

    private static func body(_ exchange: HTTPExchange) -> String {
        String(decoding: exchange.request.body, as: UTF8.self)
    }

    @Test func drainTellsWhatStillRuns() throws {
        let (world, api) = try TestWorld.with { exchange in
            #expect(Self.body(exchange) == #"{"reason":"new kernel"}"#)
            return try JSONBody.response(.ok, Self.status(["Running": 2, "Preparing": 1, "Pending": 9]))
        }
        #expect(try world.run("drain --reason 'new kernel'") == 0)
        #expect(api.requests == ["POST drain"] && world.output.text.isEmpty)
        #expect(world.errors.text == "phjob: no more jobs are started; 3 still run. 'phjob resume' starts them again\n")
        #expect(try world.run("drain") == 64)
    }

    @Test func resumeTellsWhatWaits() throws {
        let (world, api) = try TestWorld.with { _ in try JSONBody.response(.ok, Self.status(["Pending": 9])) }
        #expect(try world.run("resume") == 0)
        #expect(api.requests == ["POST resume"])
        #expect(world.errors.text == "phjob: jobs are started again; 9 wait\n")
    }

    @Test func pruneSaysFirstWhatItWouldDo() throws {
        let ids = [SampleView.waiting.id]
        let (world, _) = try TestWorld.with { exchange in
            let request = try JSONBody.decode(PruneRequest.self, from: exchange.request.body)
            #expect(request.olderThanSeconds == 180 * 86_400 && request.groups == ["lab"])
            return try JSONBody.response(.ok, PruneAnswer(jobs: ids, bytes: 3 << 20, isDone: !request.dryRun))
        }
        #expect(try world.run("prune --older-than 180d -g lab") == 0)
        #expect(world.output.text == "1 job, about 3M on disk\n")
        #expect(world.errors.text == "phjob: nothing was removed; --yes removes them for good\n")
        let (second, _) = (try TestWorld(), ())
        second.api = world.api
        #expect(try second.run("prune --older-than 180d -g lab --yes --quiet") == 0)
        #expect(second.output.text == "\(ids[0])\n" && second.errors.text.isEmpty)
        #expect(try second.run("prune") == 64)
    }

    @Test(arguments: [
        ("--hold", #"{"hold":true}"#), ("--release", #"{"hold":false}"#), ("--priority 5", #"{"priority":5}"#),
        ("--hold -p -3", #"{"hold":true,"priority":-3}"#),
    ])
    func set(_ options: String, _ body: String) throws {
        let (world, api) = try TestWorld.with { exchange in
            let value = try JSONBody.decode(JSONValue.self, from: exchange.request.body)
            #expect(try value == JSONBody.decode(JSONValue.self, from: Array(body.utf8)))
            return try JSONBody.response(.ok, SampleView.waiting)
        }
        #expect(try world.run("set @ \(options)") == 0)
        #expect(api.requests == ["POST jobs/@/set"] && world.output.text == "\(SampleView.waiting.id)\n")
    }

    @Test func setGoesOnWhereOneIsRefused() throws {
        let (world, api) = try TestWorld.with { exchange in
            guard exchange.request.target.segments.contains("@~1") else {
                return try JSONBody.response(.ok, SampleView.waiting)
            }
            throw PhjobError(.conflict, "it has ended")
        }
        #expect(try world.run("set @~2 @~1 @ --hold") == 1)
        #expect(api.requests == ["POST jobs/@~2/set", "POST jobs/@~1/set", "POST jobs/@/set"])
        #expect(world.output.text == "\(SampleView.waiting.id)\n\(SampleView.waiting.id)\n")
        #expect(world.errors.text == "phjob: it has ended\nphjob: 1 of 3 jobs could not be changed\n")
    }

    @Test func pruningNothingTakesNoSpace() throws {
        let (world, _) = try TestWorld.with { _ in
            try JSONBody.response(.ok, PruneAnswer(jobs: [], bytes: 0, isDone: false))
        }
        #expect(try world.run("prune --older-than 180d") == 0)
        #expect(world.output.text == "0 jobs\n" && world.errors.text.isEmpty)
    }

    @Test(arguments: ["set @", "set --hold", "set @ --hold --release", "set @ --priority high"])
    func setNeedsSomethingToChange(_ line: String) throws {
        #expect(try TestWorld().run(line) == 64)
    }

    @Test func quotaIsATable() throws {
        var use = Quota.Use()
        use.add(ResourceAmount(cpu: CPUAmount(milli: 2500), memory: MemorySize(bytes: 4 << 30), gpus: 1))
        let row = QuotaView.Row(
            limit: QuotaView.Limit(Quota(cpu: CPUAmount(milli: 8000), gpus: 2, waitingJobs: 10)),
            now: QuotaView.Now(use, waitingJobs: 3), past: QuotaView.Past(UsageTotal()))
        let catalogue = try CatalogueReader.read(
            .object(["groups": .array([.object(["name": .string("lab"), "users": .array([.string("ana")])])])]))
        let view = QuotaView(days: 30, groups: [QuotaView.Group(catalogue.groups[0], user: row, all: row)])
        let (world, api) = try TestWorld.with { _ in try JSONBody.response(.ok, view) }
        #expect(try world.run("quota") == 0)
        #expect(api.requests == ["GET quota"])
        let lines = world.output.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.count == 3 && lines[1] == "lab you 2.5 of 8 4G of - 1 of 2 1 of - 3 of 10 0 0", "\(lines)")
        let second = try TestWorld()
        second.api = api
        #expect(try second.run("quota --json") == 0)
        #expect(try JSONBody.decode(QuotaView.self, from: second.output.bytes) == view)
    }

    @Test func aListSaysThatNothingStarts() throws {
        let (world, _) = try TestWorld.with { _ in
            try JSONBody.response(
                .ok,
                JobPage(items: [SampleView.waiting], next: nil, total: 1, revision: 1, notice: "no job is started: x"))
        }
        #expect(try world.run("list") == 0)
        #expect(world.errors.text == "phjob: no job is started: x\n" && world.output.text.contains("STATUS"))
        let quiet = try TestWorld()
        quiet.api = world.api
        #expect(try quiet.run("list --quiet") == 0)
        #expect(quiet.errors.text.isEmpty)
    }
}
