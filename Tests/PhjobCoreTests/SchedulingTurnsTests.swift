import Testing

@testable import PhjobCore

/// Turns over time: who is next when shares are equal, and that capacity once kept stays kept.
struct SchedulingTurnsTests {
    private func users(_ jobs: [SchedulingPlan.Candidate]) -> [String] { jobs.map(\.userName) }

    /// Ends jobs in the order in which they started until one of `user` starts.
    ///
    /// - Returns: whose jobs started before it.
    private func startsBefore(_ user: String, in run: inout SchedulingSimulation) -> [String] {
        var before: [String] = []
        for _ in 0..<100 {
            for job in run.advance() {
                if job.userName == user { return before }
                before.append(job.userName)
            }
            run.end()
        }
        return before
    }

    // MARK: Large jobs

    @Test func aJobForTheWholeNodeComesAfterTheJobsThatRun() {
        var run = SchedulingSimulation(cpus: 4)
        run.submit(10, cpus: 2, user: "ada")
        run.advance()
        run.submit(cpus: 4, user: "bob")
        #expect(startsBefore("bob", in: &run) == [])
    }

    @Test func aJobForAllGPUsComesAfterTheJobsThatRun() {
        var run = SchedulingSimulation(cpus: 16, gpus: 4)
        run.submit(8, cpus: 1, gpus: 1, user: "ada")
        run.advance()
        run.submit(cpus: 4, gpus: 4, user: "bob")
        #expect(startsBefore("bob", in: &run) == [])
    }

    @Test func aJobForAWholeQuotaComesAfterTheJobsThatRun() {
        let quotas = ["research": GroupQuotas(group: Quota(cpu: CPUAmount(milli: 2000)))]
        var run = SchedulingSimulation(cpus: 16, quotas: quotas)
        run.submit(10, cpus: 1, user: "ada")
        run.advance()
        run.submit(cpus: 2, user: "bob")
        #expect(startsBefore("bob", in: &run) == [])
    }

    /// Bob holds more than ada once her jobs have ended, and yet what was kept for his large job is not given to hers.
    @Test func whatIsKeptStaysKeptThoughSharesChange() {
        var run = SchedulingSimulation(cpus: 5)
        run.submit(cpus: 1, user: "bob")
        run.submit(10, cpus: 2, user: "ada")
        run.advance()
        run.submit(cpus: 4, user: "bob")
        for _ in 0..<2 {
            #expect(run.advance().isEmpty)
            run.end { $0.userName == "ada" }
        }
        #expect(users(run.advance()) == ["bob"])
    }

    @Test func whatIsKeptOfAQuotaStaysKeptThoughSharesChange() {
        let quotas = [
            "research": GroupQuotas(group: Quota(cpu: CPUAmount(milli: 2000))),
            "teaching": GroupQuotas(user: Quota(cpu: CPUAmount(milli: 5000))),
        ]
        var run = SchedulingSimulation(cpus: 16, quotas: quotas)
        run.submit(cpus: 1, user: "bob", group: "teaching")
        run.submit(10, cpus: 1, user: "ada")
        run.advance()
        run.submit(cpus: 2, user: "bob")
        for _ in 0..<2 {
            #expect(run.advance().isEmpty)
            run.end { $0.userName == "ada" }
        }
        #expect(users(run.advance()) == ["bob"])
    }

    @Test func whatIsKeptIsFreeWhenItsJobLeaves() throws {
        var run = SchedulingSimulation(cpus: 4)
        run.submit(10, cpus: 2, user: "ada")
        run.advance()
        run.submit(cpus: 4, user: "bob")
        run.end()
        #expect(run.advance().isEmpty && run.plan.reserved == [run.plan.waiting[0]])
        run.cancel(try #require(run.plan.reserved.first))
        #expect(users(run.advance()) == ["ada"] && run.plan.reserved.isEmpty)
    }

    @Test func whatIsHeldBackKeepsNothing() throws {
        var run = SchedulingSimulation(cpus: 4)
        run.submit(10, cpus: 2, user: "ada")
        run.advance()
        run.submit(cpus: 4, user: "bob")
        run.end()
        run.advance()
        run.change(try #require(run.plan.reserved.first)) { $0.isHeld = true }
        #expect(users(run.advance()) == ["ada"] && run.plan.reserved.isEmpty)
    }

    @Test func aHigherPriorityPassesWhatIsKept() throws {
        var run = SchedulingSimulation(cpus: 4)
        run.submit(10, cpus: 2, user: "ada")
        run.advance()
        run.submit(cpus: 4, user: "bob")
        run.end()
        run.advance()
        let large = run.plan.reserved
        run.submit(cpus: 2, user: "eve", priority: 1)
        #expect(users(run.advance()) == ["eve"] && run.plan.reserved == large)
        run.end { $0.userName == "ada" }
        #expect(run.advance().isEmpty)
        run.end { $0.userName == "eve" }
        #expect(users(run.advance()) == ["bob"])
    }

    /// Nothing is given up for a job that lacks all, so the next turn is decided when there is something to give.
    @Test func nothingIsKeptWhereNothingIsFree() {
        var run = SchedulingSimulation(cpus: 4)
        run.submit(3, cpus: 3, user: "ada")
        run.advance()
        // The CPU that is left helps none of them.
        #expect(run.plan.reserved.isEmpty)
        run.submit(cpus: 4, user: "bob")
        #expect(startsBefore("bob", in: &run) == [])
    }

    /// Of two that wait for GPUs only the first keeps CPUs that a job without GPUs can use.
    @Test func oneJobKeepsCapacityForGPUs() {
        var run = SchedulingSimulation(cpus: 6, gpus: 2)
        run.submit(2, cpus: 1, gpus: 1, user: "eve")
        run.advance()
        run.submit(2, cpus: 2, gpus: 1, user: "ada")
        run.submit(4, cpus: 1, user: "bob")
        #expect(users(run.advance()) == ["bob", "bob", "bob"])
    }

    // MARK: One slot

    @Test func onOneSlotPeopleAlternate() {
        var run = SchedulingSimulation(cpus: 4)
        run.submit(1000, cpus: 4, user: "ada")
        run.advance()
        run.submit(3, cpus: 4, user: "bob")
        run.submit(2, cpus: 4, user: "eve")
        var started: [String] = []
        for _ in 0..<8 {
            run.end()
            started += users(run.advance())
        }
        #expect(started == ["bob", "eve", "ada", "bob", "eve", "ada", "bob", "ada"])
    }

    /// At each start on a node that has room for one job only, all others that wait were served later than its owner.
    @Test(arguments: UInt64(1)...6) func onOneSlotTheOneServedLeastRecentlyIsNext(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var run = SchedulingSimulation(cpus: 4, gpus: 1)
        let people = ["ada", "bob", "eve", "dan"]
        var latest: [String: Int] = [:]
        for step in 1...400 {
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let user = people[Int.random(in: 0..<people.count, using: &random)]
                run.submit(cpus: [2.5, 3, 4][Int.random(in: 0..<3, using: &random)], user: user)
            }
            let waiting = Set(run.queue.map(\.userName))
            let started = run.advance()
            try #require(started.count == (waiting.isEmpty ? 0 : 1))
            for job in started {
                let least = waiting.map { latest[$0, default: 0] }.min()
                try #require(latest[job.userName, default: 0] == least, "step \(step)")
                latest[job.userName] = step
            }
            run.end()
        }
    }

    @Test func turnsAreTakenUpFromStarts() {
        let time = Sample.created
        let turns = Turns(["ada": time.adding(seconds: 9), "bob": time, "eve": time.adding(seconds: 5)])
        #expect(["bob", "eve", "ada"].map(turns.number) == [1, 2, 3] && turns.number(of: "dan") == 0)
        let queue = ["ada", "bob", "eve"].enumerated().map {
            SchedulingPlanTests.candidate($0.offset, SchedulingPlanTests.amount(4, 1), user: $0.element)
        }
        let plan = SchedulingPlan(
            queue: queue, held: [], node: Sample.node(SchedulingPlanTests.capacity),
            earlier: SchedulingPlan.Earlier(turns: turns))
        #expect(plan.starts.map(\.id) == [SchedulingPlanTests.id(1)])
        #expect(plan.waiting == [2, 0].map(SchedulingPlanTests.id))
    }

    // MARK: Random loads

    /// However large it is, and whatever the others submit, a job that is its owner's next gets its turn.
    @Test(arguments: UInt64(1)...4) func noJobStarves(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var run = SchedulingSimulation(cpus: 8, gpus: 4)
        let people = ["ada", "bob", "eve", "dan"]
        // How many jobs started while a job was the next of its owner's that need GPUs, or of those that need none.
        var passed: [JobID: Int] = [:]
        for step in 0..<500 {
            // Ada always has many small ones, the others now and then large ones.
            while run.queue.count(where: { $0.userName == "ada" }) < 60 {
                run.submit(cpus: 1, gpus: Int.random(in: 0...1, using: &random), user: "ada")
            }
            if step % 5 == 0, run.queue.count < 100 {
                run.submit(
                    cpus: [1, 4, 8][Int.random(in: 0..<3, using: &random)],
                    gpus: [0, 0, 2, 4][Int.random(in: 0..<4, using: &random)],
                    user: people[Int.random(in: 1..<4, using: &random)])
            }
            var seen: Set<String> = []
            let next = run.queue.filter { seen.insert("\($0.userName) \($0.demand.gpus > 0)").inserted }
            let started = run.advance()
            for job in next where !started.contains(where: { $0.id == job.id }) {
                passed[job.id, default: 0] += started.count
                try #require(passed[job.id, default: 0] < 60, "step \(step): \(job.id) is passed again and again")
            }
            run.endAny(using: &random)
        }
    }

    /// What fits waits only if it does not fit beside the first that waits for GPUs and the first that needs none.
    @Test(arguments: UInt64(1)...6) func onlyWhatIsKeptIsIdle(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var run = SchedulingSimulation(cpus: 8, gpus: seed % 2 == 0 ? 3 : 0)
        for step in 0..<500 {
            for _ in 0..<Int.random(in: 0...(run.queue.count < 40 ? 2 : 0), using: &random) {
                run.submit(
                    cpus: [0.5, 1, 3, 8][Int.random(in: 0..<4, using: &random)],
                    gpus: Int.random(in: 0...run.node.amount.gpus, using: &random),
                    user: ["ada", "bob", "eve"][Int.random(in: 0..<3, using: &random)])
            }
            run.advance()
            let free = run.node.amount - run.held.reduce(ResourceAmount.zero) { $0 + $1.demand }
            let waiting = run.plan.waiting.compactMap { id in run.queue.first { $0.id == id } }
            try #require(waiting.count == run.queue.count)
            let forGPUs = waiting.first { $0.demand.gpus > 0 }
            let others = waiting.first { $0.demand.gpus == 0 }
            let kept = (forGPUs?.demand ?? .zero) + (others?.demand ?? .zero)
            for job in waiting {
                try #require(!job.demand.fits(in: free - kept), "step \(step): \(job.id) waits for no reason")
                if job.id != forGPUs?.id, job.id != others?.id { continue }
                try #require(
                    job.id != waiting.first?.id || !job.demand.fits(in: free),
                    "step \(step): the first in the queue fits, and waits")
            }
            run.endAny(using: &random)
        }
    }

    /// A job that capacity is kept for keeps it until it starts: of those equal to it none of later ones does what
    /// delays it.
    @Test(arguments: UInt64(1)...6) func whatIsKeptStaysKept(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let quotas = ["research": GroupQuotas(group: Quota(cpu: CPUAmount(milli: 5000), gpus: 2))]
        var run = SchedulingSimulation(cpus: 8, gpus: 3, quotas: quotas)
        var keptEver = 0
        for step in 0..<600 {
            for _ in 0..<Int.random(in: 0...(run.queue.count < 40 ? 2 : 0), using: &random) {
                let isLarge = Int.random(in: 0..<4, using: &random) == 0
                run.submit(
                    cpus: isLarge ? 4 : 1, gpus: isLarge ? 2 : Int.random(in: 0...1, using: &random),
                    user: ["ada", "bob", "eve"][Int.random(in: 0..<3, using: &random)],
                    group: Bool.random(using: &random) ? "research" : "teaching")
            }
            let before = run.plan.reserved
            let started = run.advance().map(\.id)
            for id in before where !started.contains(id) {
                try #require(run.plan.reserved.contains(id), "step \(step): what was kept for \(id) is lost")
            }
            keptEver += run.plan.reserved.isEmpty ? 0 : 1
            run.endAny(using: &random)
        }
        #expect(keptEver > 100, "the run never came near the limit, so it proves nothing")
    }
}
