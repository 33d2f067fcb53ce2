import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("Answers about many jobs are bounded")
struct AnswerSizeTests {
    /// Jobs with scripts of so many bytes, which wait until the runner is resumed.
    private static func submit(_ sizes: [Int], _ api: LiveAPI) throws -> [JobID] {
        _ = try api.client.drain(reason: "test")
        return try sizes.map { size in
            let command = "true #" + String(repeating: "x", count: size - 6)
            return try api.client.submit(JobSubmission(command: command)).id
        }
    }

    private static let large = Catalogue.maximumCommandSize

    @Test("A page ends early where scripts are large, and paging loses and repeats nothing")
    func pages() async throws {
        try await withAPI { api in
            let sizes = [100, Self.large, 200, Self.large, 300, 2 << 20, 400]
            let ids = try Self.submit(sizes, api)
            let page = { (filter: JobFilter) in try api.runner.supervisor.page(filter, caller: World.alice) }
            var filter = JobFilter()
            var seen: [[Int]] = []
            repeat {
                let page = try page(filter)
                #expect(page.total == ids.count)
                seen.append(page.items.map(\.command.utf8.count))
                filter.after = page.next
            } while filter.after != nil && seen.count <= ids.count
            #expect(Array(seen.joined()) == sizes.reversed())
            #expect(seen.map(\.count) == [3, 2, 2] && seen.allSatisfy { $0.reduce(0, +) <= AnswerBudget.bytes })
            // A limit is kept all the same.
            filter.after = nil
            filter.limit = 1
            let first = try page(filter)
            #expect(first.items.map(\.id) == [ids[6]] && first.next == ids[6])
        }
    }

    @Test("Waiting for large jobs, all are answered; of those that are too much, the beginning")
    func largeWaits() async throws {
        try await withAPI { api in
            let ids = try Self.submit([Self.large, 2 << 20, 100, 2 << 20], api)
            let answer = try api.client.wait(ids.map(\.text), timeout: 0)
            #expect(answer.timedOut && answer.items.map(\.id) == ids)
            #expect(answer.items.map(\.command.utf8.count) == [Self.large, 1000, 100, 1000])
            #expect(answer.items.map(\.shortened) == [nil, ["command"], nil, ["command"]])
            // One is always whole.
            let one = try api.client.wait([ids[0].text], timeout: 0).items
            #expect(one.map(\.command.utf8.count) == [Self.large] && one[0].shortened == nil)
        }
    }

    @Test("A job that is named often is answered once, and too many names are refused")
    func repeatedNames() async throws {
        try await withAPI { api in
            let ids = try Self.submit([Self.large, 100], api)
            let names = ["@", ids[0].text, "@~1", "@"] + Array(repeating: "@~1", count: 996)
            let answer = try api.request(
                "GET", "/v1/wait?timeout=0&" + names.map { "job=\($0)" }.joined(separator: "&"))
            #expect(answer.status == 200 && answer.body.utf8.count < Self.large + 100_000)
            let items = try JSONBody.decode(WaitAnswer.self, from: Array(answer.body.utf8)).items
            #expect(items.map(\.id) == [ids[1], ids[0]])
            let refusal = #expect(throws: PhjobError.self) { try api.client.wait(names + ["@"], timeout: 0) }
            #expect(refusal?.code == .invalidRequest && refusal?.message.contains("at most 1000") == true)
        }
    }

    @Test func abridgedViews() {
        var spec = SampleJob.spec(command: String(repeating: "e\u{301}", count: 700))
        for number in 0..<11 { spec.environment["V\(number)"] = "" }
        let view = JobView(SampleJob.job(0, spec: spec), JobView.Circumstances())
        let short = view.abridged()
        #expect(short.command.unicodeScalars.count == 1000 && view.command.hasPrefix(short.command))
        #expect(short.environmentNames == Array(view.environmentNames.prefix(10)))
        #expect(short.shortened == ["command", "environmentNames"])
        let small = JobView(SampleJob.job(), JobView.Circumstances())
        #expect(small.abridged() == small)
    }

    @Test func variablesCountToo() {
        var budget = AnswerBudget()
        var spec = SampleJob.spec(command: "x")
        spec.environment = ["ABC": String(repeating: "x", count: AnswerBudget.bytes)]
        #expect(spec.submittedSize == AnswerBudget.bytes + 4)
        let answers = [budget.take(spec), budget.take(spec)]
        #expect(answers == [true, false])
    }
}
