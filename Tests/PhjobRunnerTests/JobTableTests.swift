import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobStore
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("The table of jobs")
struct JobTableTests {
    private static let time = SampleJob.time

    private static func owner(_ name: String) -> JobOwner { JobOwner(uid: 1000, name: name) }

    private static func id(_ text: String) throws -> JobID { try #require(JobID(text)) }

    private static func record(
        _ id: JobID, user: String = "alice", group: String = "research", name: String = "train",
        at milliseconds: Int64 = 0,
        key: String? = nil
    ) -> JobRecord {
        var spec = SampleJob.spec(user: JobSpec.User(name: user, uid: 1000, gid: 100))
        spec.groupName = group
        spec.displayName = name
        spec.idempotency = key.map { JobSpec.Idempotency(key: $0, contentDigest: "") }
        return JobRecord(
            job: Job(id: id, spec: spec, createTime: Timestamp(milliseconds: time.milliseconds + milliseconds)))
    }

    /// Jobs of alice and bob in two groups, oldest first; every third has ended.
    private static func sample() throws -> (table: JobTable, ids: [JobID]) {
        let (records, ids) = try sampleRecords()
        var table = JobTable()
        for record in records { table.add(record) }
        for index in [0, 3] { try cancel(records[index], in: &table) }
        return (table, ids)
    }

    private static func sampleRecords() throws -> (records: [JobRecord], ids: [JobID]) {
        let ids = try [
            "job-202611210727-aaaaa0", "job-202611210727-aaabb1", "job-202611210728-bbbbb2", "job-202611210728-cdcdc3",
            "job-202611210729-aaaaa4", "job-202611210730-zzzzz5",
        ].map(id)
        let records = ids.enumerated().map { index, id in
            let user = index % 2 == 0 ? "alice" : "bob"
            let group = index < 4 ? "research" : "teaching"
            return record(id, user: user, group: group, name: "Job \(index)", at: Int64(index) * 1000)
        }
        return (records, ids)
    }

    /// Cancels a job that waits, and cleans up after it.
    @discardableResult
    private static func cancel(_ record: JobRecord, in table: inout JobTable) throws -> JobRecord {
        var record = record
        _ = try record.job.handle(.cancelRequested(userName: "alice"), at: record.job.createTime)
        table.update(record)
        _ = try record.job.handle(.cleanedUp(logIncomplete: nil), at: record.job.createTime)
        table.update(record)
        return record
    }

    private func find(
        _ selector: String, user: String = "alice", sees groups: Set<String> = ["research", "teaching"]
    ) throws -> Result<Int, PhjobError> {
        let (table, ids) = try Self.sample()
        do throws(PhjobError) {
            let found = try table.find(selector, owner: Self.owner(user)) {
                $0.userName == user || groups.contains($0.groupName)
            }
            return .success(ids.firstIndex(of: found) ?? -1)
        } catch {
            return .failure(error)
        }
    }

    @Test(
        "Selectors that name one job",
        arguments: [
            ("job-202611210727-aaaaa0", 0), ("job-202611210728-b", 2), ("job-20261121073", 5), ("zzzzz5", 5), ("z", 5),
            ("cdc", 3), ("aaab", 1), ("@", 4), ("@~0", 4), ("@~1", 2), ("@~2", 0),
        ])
    func selectors(_ selector: String, _ index: Int) throws {
        #expect(try find(selector) == .success(index))
    }

    @Test(
        "Selectors that name none, or several",
        arguments: [
            ("", PhjobError.Code.invalidRequest), ("x", .notFound), ("job-2025", .notFound),
            ("job-202611210727-aaaaa9", .notFound),
            ("aaa", .ambiguous), ("a", .ambiguous), ("job-202611210728", .ambiguous), ("job-", .ambiguous),
            ("@~3", .notFound),
            ("@~-1", .invalidRequest), ("@~", .invalidRequest), ("@x", .invalidRequest), ("@~1x", .invalidRequest),
            ("@~99999999999999999999", .invalidRequest), ("../etc", .invalidRequest), ("job_2026", .invalidRequest),
            ("AAAAA0", .invalidRequest), ("zzzzz5z", .invalidRequest), ("\u{1b}[2J", .invalidRequest),
            ("é", .invalidRequest),
        ])
    func badSelectors(_ selector: String, _ code: PhjobError.Code) throws {
        guard case .failure(let error) = try find(selector) else {
            Issue.record("\(selector) names a job")
            return
        }
        #expect(error.code == code)
        #expect(!error.message.contains("\u{1b}"))
    }

    @Test("Jobs that the caller may not know of do not count")
    func visibility() throws {
        // Bob sees his own in any group, and nobody else's outside his groups.
        #expect(try find("job-202611210730-zzzzz5", user: "bob", sees: ["research"]) == .success(5))
        #expect(throws: PhjobError.self) { try find("job-202611210729-aaaaa4", user: "bob", sees: ["research"]).get() }
        #expect(try find("aaaaa", user: "bob", sees: ["research"]) == .success(0))
        #expect(try find("@", user: "bob", sees: []) == .success(5))
        #expect(throws: PhjobError.self) { try find("@", user: "carol").get() }
        #expect { try find("job-2026112107", user: "bob", sees: []).get() } throws: {
            ($0 as? PhjobError)?.code == .ambiguous
        }
    }

    @Test("Pages are newest first, join without gap or overlap, and count all that fits")
    func pages() throws {
        let (table, ids) = try Self.sample()
        for limit in 1...7 {
            var filter = JobFilter()
            filter.limit = limit
            var seen: [JobID] = []
            var page: (ids: [JobID], total: Int, hasMore: Bool)
            repeat {
                page = table.page(filter, owner: Self.owner("alice"), visibleGroups: ["research", "teaching"])
                #expect(page.total == 6 && page.ids.count <= limit)
                seen += page.ids
                filter.after = page.ids.last
            } while page.hasMore
            #expect(seen == ids.reversed())
        }
    }

    @Test("A page goes on after a job that was removed, loses nothing, and tells nothing of jobs that one may not see")
    func lostCursors() throws {
        let (table, ids) = try Self.sample()
        func page(
            after id: JobID, _ table: JobTable, user: String = "alice", groups: Set<String>?, isMine: Bool = false
        ) -> [Int] {
            var filter = JobFilter()
            (filter.after, filter.isMine) = (id, isMine)
            let page = table.page(filter, owner: Self.owner(user), visibleGroups: groups)
            return page.ids.compactMap { ids.firstIndex(of: $0) }
        }
        var pruned = table
        pruned.remove([ids[3]])
        // In its minute are jobs before it and after it in time; the id does not tell which.
        #expect(page(after: ids[3], table, groups: nil) == [2, 1, 0])
        #expect(page(after: ids[3], pruned, groups: nil) == [2, 1, 0])
        pruned.remove([ids[0]])
        #expect(page(after: ids[0], pruned, groups: nil) == [1])
        #expect(page(after: try Self.id("job-202611210729-zzzzz9"), table, groups: nil) == [4, 3, 2, 1, 0])
        #expect(page(after: try Self.id("job-202611210726-zzzzz9"), table, groups: nil) == [])
        #expect(page(after: try Self.id("job-203001010000-aaaaaa"), table, groups: nil) == [5, 4, 3, 2, 1, 0])
        // Whichever job of an alien group is named, there or not, the answer is the same.
        #expect(page(after: ids[4], table, user: "carol", groups: ["research"]) == [3, 2, 1, 0])
        let none = try Self.id("job-202611210729-xxxxxx")
        #expect(page(after: none, table, user: "carol", groups: ["research"]) == [3, 2, 1, 0])
        // Bob has left both groups, and sees his own.
        for (hidden, missing) in [(2, "job-202611210728-xxxxxx"), (0, "job-202611210727-xxxxxx")] {
            let real = page(after: ids[hidden], table, user: "bob", groups: [], isMine: true)
            #expect(try real == page(after: Self.id(missing), table, user: "bob", groups: [], isMine: true))
            #expect(real == (hidden == 2 ? [3, 1] : [1]))
        }
        #expect(page(after: ids[3], table, user: "bob", groups: [], isMine: true) == [1])
    }

    @Test("Filters")
    func filters() throws {
        let (table, ids) = try Self.sample()
        func page(
            _ change: (inout JobFilter) -> Void, user: String = "alice", groups: Set<String> = ["research", "teaching"]
        )
            -> [Int]
        {
            var filter = JobFilter()
            change(&filter)
            return table.page(filter, owner: Self.owner(user), visibleGroups: groups).ids.compactMap {
                ids.firstIndex(of: $0)
            }
        }
        #expect(page { $0.groups = ["teaching"] } == [5, 4])
        #expect(page({ _ in }, groups: ["teaching"]) == [5, 4])
        #expect(page({ $0.groups = ["research"] }, groups: ["teaching"]) == [])
        #expect(page { $0.isMine = true } == [4, 2, 0])
        #expect(page { $0.users = ["bob"] } == [5, 3, 1])
        #expect(page { $0.users = ["bob", "alice"] } == [5, 4, 3, 2, 1, 0])
        #expect(page({ $0.users = ["bob"] }, groups: ["teaching"]) == [5])
        #expect(page { $0.users = ["carol"] } == [])
        // One's own stay in sight without the group.
        #expect(page({ $0.isMine = true }, groups: []) == [4, 2, 0])
        #expect(page { $0.phases = [.cancelled] } == [3, 0])
        #expect(page { $0.phases = [.cancelled, .pending] } == [5, 4, 3, 2, 1, 0])
        #expect(page { $0.search = "JOB 3" } == [3])
        #expect(page { $0.search = "zzz" } == [5])
        #expect(page { $0.since = Self.time.adding(seconds: 4) } == [5, 4])
        // A job that fits no more since the page before still tells where to go on.
        #expect(
            page {
                $0.phases = [.pending]
                $0.after = ids[3]
            } == [2, 1])
    }

    @Test("Filled from disk in any order, it is the same")
    func fill() throws {
        let (table, ids) = try Self.sample()
        let records = try Self.sampleRecords().records
        let waiting = [1, 2, 4, 5].map { records[$0] }
        let ended = [0, 3].compactMap { table.summary(ids[$0]) }
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<10 {
            var other = JobTable()
            other.fill(
                records: waiting.shuffled(using: &generator), summaries: ended.shuffled(using: &generator))
            #expect(other.summaries == table.summaries)
            #expect(other.summaries.map(\.id) == ids)
            #expect(other.queue == table.queue)
            #expect(other.queue.map(\.id) == [1, 2, 4, 5].map { ids[$0] })
            #expect(other.counts == table.counts)
            #expect(other.live.isEmpty && table.live.isEmpty)
        }
    }

    @Test("The counts by kind are those of the jobs, whatever happens to them")
    func counts() throws {
        var (table, ids) = try Self.sample()
        func counted(_ table: JobTable) -> [JobTable.Kind: Int] {
            table.summaries.reduce(into: [:]) {
                $0[JobTable.Kind($1), default: 0] += 1
            }
        }
        #expect(table.counts == counted(table) && table.counts.values.reduce(0, +) == 6)
        var record = try Self.sampleRecords().records[4]
        _ = try record.job.handle(.admitted(gpus: []), at: Self.time)
        table.update(record)
        #expect(table.counts == counted(table) && table.summary(ids[4])?.phase == .preparing)
        #expect(Array(table.live.keys) == [ids[4]] && !table.queue.contains { $0.id == ids[4] })
        table.remove([ids[4], ids[1]])
        #expect(table.counts == counted(table) && table.counts.values.reduce(0, +) == 4)
        #expect(table.live.isEmpty && table.queue.map(\.id) == [ids[2], ids[5]])
        #expect(!table.contains(ids[1]) && table.summary(ids[5])?.id == ids[5])
    }

    @Test("Times of creation never step back, whatever the clock does")
    func createTimes() throws {
        let (table, _) = try Self.sample()
        let latest = try #require(table.summaries.last).createTime
        #expect(table.createTime(at: latest.adding(seconds: 60)) == latest.adding(seconds: 60))
        #expect(table.createTime(at: latest) == Timestamp(milliseconds: latest.milliseconds + 1))
        #expect(table.createTime(at: Timestamp(milliseconds: 0)) == Timestamp(milliseconds: latest.milliseconds + 1))
    }

    @Test("Of two accounts of one name each has its own jobs")
    func owners() throws {
        var table = JobTable()
        table.add(Self.record(SampleJob.id(1), key: "k"))
        let (old, new) = (JobOwner(uid: 1000, name: "alice"), JobOwner(uid: 1001, name: "alice"))
        var mine = JobFilter()
        mine.isMine = true
        let seesNothing = { (_: JobSummary) in false }
        #expect(try table.find("@", owner: old, isVisible: seesNothing) == SampleJob.id(1))
        #expect(throws: PhjobError.self) { try table.find("@", owner: new, isVisible: seesNothing) }
        #expect(table.page(mine, owner: old, visibleGroups: []).ids == [SampleJob.id(1)])
        for groups in [[], nil] as [Set<String>?] {
            #expect(table.page(mine, owner: new, visibleGroups: groups).ids.isEmpty)
        }
        #expect(table.submissions[JobTable.SubmissionKey(owner: new, key: "k")] == nil)
        // A quota goes by the name.
        #expect(table.waiting(of: "alice", inGroup: "research").ofUserInGroup == 1)
    }

    @Test("Keys are remembered for each user, also of jobs that have ended")
    func keys() throws {
        var table = JobTable()
        let first = Self.record(SampleJob.id(1), key: "k")
        let second = Self.record(SampleJob.id(2), user: "bob", at: 1, key: "k")
        table.add(first)
        table.add(second)
        try Self.cancel(first, in: &table)
        var filled = JobTable()
        filled.fill(records: [second], summaries: [try #require(table.summary(first.job.id))])
        for table in [table, filled] {
            #expect(table.submissions[JobTable.SubmissionKey(owner: Self.owner("alice"), key: "k")] == first.job.id)
            #expect(table.submissions[JobTable.SubmissionKey(owner: Self.owner("bob"), key: "k")] == second.job.id)
            #expect(table.summary(first.job.id)?.logExpiry != nil)
        }
    }

    @Test("After a restart turns go on where they were: by the latest start of each user's jobs")
    func turns() throws {
        let (records, _) = try Self.sampleRecords()
        var before = JobTable()
        for record in records { before.add(record) }
        var saved = records
        // Alice, bob, and alice again; one of hers still runs.
        for (step, index) in [0, 1, 2].enumerated() {
            let time = Timestamp(milliseconds: Self.time.milliseconds + Int64(60_000 + step * 1000))
            for event: JobEvent in [
                .admitted(gpus: []), .prepared(ResolvedImage(id: "ab"), bootID: "boot"),
                .started(ContainerIdentity(id: "cd", process: nil, bootID: "boot"), at: time),
            ] {
                _ = try saved[index].job.handle(event, at: time)
                before.update(saved[index])
            }
            guard index < 2 else { continue }
            let exit = ContainerExit(exitCode: 0, startTime: time, finishTime: time)
            for event: JobEvent in [.exited(exit), .cleanedUp(logIncomplete: nil)] {
                _ = try saved[index].job.handle(event, at: time)
                before.update(saved[index])
            }
        }
        var after = JobTable()
        let ended = Set([0, 1])
        after.fill(
            records: saved.indices.filter { !ended.contains($0) }.map { saved[$0] },
            summaries: ended.map { JobSummary(saved[$0].job) })
        for table in [before, after] {
            let plan = SchedulingPlan(
                queue: table.queue, held: [],
                node: NodeCapacity(
                    amount: saved[0].job.spec.instanceType.demand,
                    gpus: (0..<saved[0].job.spec.instanceType.demand.gpus).map { GPU(index: $0) }),
                earlier: SchedulingPlan.Earlier(turns: table.turns))
            #expect(plan.starts.map(\.id) == [saved[3].job.id], "bob was served before alice")
        }
    }
}
