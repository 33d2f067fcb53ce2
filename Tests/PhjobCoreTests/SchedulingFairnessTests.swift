import Testing

@testable import PhjobCore

/// Who goes before whom: priorities, turns of different people, quotas, holds.
struct SchedulingFairnessTests {
    private static let capacity = SchedulingPlanTests.capacity

    private func amount(_ cpus: Double, gpus: Int = 0) -> ResourceAmount {
        SchedulingPlanTests.amount(cpus, 1, gpus: gpus)
    }

    private func plan(
        _ queue: [SchedulingPlan.Candidate], held: [SchedulingPlan.Holding] = [], gpus: [GPU] = [0, 1],
        gpuProblem: String? = nil, quotas: [String: GroupQuotas] = [:], mayStart: Bool = true
    ) -> SchedulingPlan {
        let node = NodeCapacity(amount: Self.capacity, gpus: gpus, gpuProblem: gpuProblem)
        return SchedulingPlan(queue: queue, held: held, node: node, quotas: quotas, mayStart: mayStart)
    }

    private func numbers(_ ids: [JobID]) -> [Int] { ids.map { Int($0.text.suffix(6)) ?? -1 } }

    /// What a job that is over a quota is told once the plan is carried out; nil for one that is over none.
    private func words(
        _ number: Int, _ plan: SchedulingPlan, _ queue: [SchedulingPlan.Candidate],
        held: [SchedulingPlan.Holding] = [], _ quotas: [String: GroupQuotas]
    ) -> String? {
        let started = queue.filter { job in plan.starts.contains { $0.id == job.id } }.map {
            SchedulingPlan.Holding(demand: $0.demand, gpus: [], userName: $0.userName, groupName: $0.groupName)
        }
        guard let job = queue.first(where: { $0.id == SchedulingPlanTests.id(number) }),
            let over = plan.overQuota[job.id]
        else { return nil }
        return QuotaUsage(held + started).words(
            over, job.demand, quotas[job.groupName] ?? GroupQuotas(), userName: job.userName, groupName: job.groupName)
    }

    private func job(
        _ number: Int, _ cpus: Double = 1, gpus: Int = 0, user: String = "ada", group: String = "research",
        priority: Int = 0, isHeld: Bool = false
    ) -> SchedulingPlan.Candidate {
        SchedulingPlanTests.candidate(
            number, amount(cpus, gpus: gpus), user: user, group: group, priority: priority, isHeld: isHeld)
    }

    @Test func peopleTakeTurns() {
        let queue = (0..<6).map { job($0) } + [job(6, user: "bob"), job(7, user: "bob"), job(8, user: "eve")]
        let plan = plan(queue)
        #expect(numbers(plan.starts.map(\.id)) == [0, 6, 8, 1])
        #expect(numbers(plan.waiting) == [7, 2, 3, 4, 5])
    }

    @Test func whoHoldsTheLeastIsNext() {
        let held = [SchedulingPlanTests.holding(demand: amount(3), gpus: [])]
        #expect(numbers(plan([job(0), job(1), job(2, user: "bob")], held: held).starts.map(\.id)) == [2])
    }

    /// A GPU is half of all GPUs, and so more than the one CPU of four.
    @Test func theScarcestCounts() {
        let held = [
            SchedulingPlanTests.holding(demand: amount(1, gpus: 1), gpus: [0]),
            SchedulingPlanTests.holding(demand: amount(1.5), gpus: [], user: "bob"),
        ]
        let plan = plan([job(0), job(1, user: "bob")], held: held)
        #expect(numbers(plan.starts.map(\.id)) == [1])
        #expect(numbers(plan.waiting) == [0])
    }

    @Test func priorityBeatsTurnsAndArrival() {
        let queue = [job(0, 4), job(1, 4, user: "bob"), job(2, 4, priority: 5), job(3, 4, user: "bob", priority: -1)]
        let plan = plan(queue)
        #expect(numbers(plan.starts.map(\.id) + plan.waiting) == [2, 1, 0, 3])
    }

    @Test func equalPrioritiesKeepTheirOrder() {
        let queue = (0..<50).map { job($0, 4, priority: $0 % 2) }
        let plan = plan(queue)
        #expect(
            numbers(plan.starts.map(\.id) + plan.waiting) == Array(stride(from: 1, to: 50, by: 2))
                + Array(stride(from: 0, to: 50, by: 2)))
    }

    @Test func whatIsHeldBackDelaysNobody() {
        let plan = plan([job(0, 4, isHeld: true), job(1, 4)])
        #expect(numbers(plan.starts.map(\.id)) == [1] && plan.waiting.isEmpty && plan.overQuota.isEmpty)
    }

    @Test func whatNeedsNoGPUDoesNotWaitForOne() {
        let held = [SchedulingPlanTests.holding(demand: amount(1, gpus: 2), gpus: [0, 1])]
        // Half a CPU is kept for the first, which gets another half with the GPU: of the three that are free, the second gets two.
        let plan = plan([job(0, 1, gpus: 1), job(1, 2), job(2, 1)], held: held)
        #expect(numbers(plan.starts.map(\.id)) == [1])
        #expect(numbers(plan.waiting) == [0, 2])
        #expect(plan.shortage == "waits for 1 GPU; 2 of 2 GPUs in use")
    }

    @Test func gpusBusyOutsideAreSaidApart() {
        let held = [SchedulingPlanTests.holding(demand: amount(1, gpus: 1), gpus: [0])]
        let problem = "1 busy outside phjob (pid 4242, ana)"
        let plan = plan([job(0, gpus: 1)], held: held, gpus: [0], gpuProblem: problem)
        #expect(plan.shortage == "waits for 1 GPU; 1 of 2 GPUs in use, 1 busy outside phjob (pid 4242, ana)")
        let both = self.plan([job(0, gpus: 2)], gpus: [1], gpuProblem: problem)
        #expect(both.shortage == "waits for 2 GPUs; 0 of 2 GPUs in use, 1 busy outside phjob (pid 4242, ana)")
    }

    @Test func nothingStartsWhereNothingMay() {
        let plan = plan([job(0), job(1, 9)], mayStart: false)
        #expect(plan.starts.isEmpty && numbers(plan.waiting) == [0] && numbers(plan.rejections.map(\.id)) == [1])
    }

    // MARK: Quotas

    @Test func overOnesOwnQuotaOthersGoOn() {
        let quotas = ["research": GroupQuotas(user: Quota(cpu: CPUAmount(milli: 2000)))]
        let queue = [job(0), job(1), job(2), job(3, 0.5), job(4, user: "bob")]
        let plan = plan(queue, quotas: quotas)
        #expect(numbers(plan.starts.map(\.id)) == [0, 4, 1])
        #expect(plan.overQuota.count == 2 && plan.waiting.isEmpty && plan.shortage == nil)
        let words = "over the quota of ada in group 'research': waits for"
        #expect(self.words(2, plan, queue, quotas) == "\(words) 1 CPU; 2 of 2 in use")
        #expect(self.words(3, plan, queue, quotas) == "\(words) 0.5 CPUs; 2 of 2 in use")
        #expect(self.words(0, plan, queue, quotas) == nil)
    }

    /// What is over a quota gets nothing, and takes no turn.
    @Test func jobsOverAQuotaTakeNoTurnFromTheirOwner() {
        let quotas = ["research": GroupQuotas(group: Quota(runningJobs: 1))]
        let held = [
            SchedulingPlanTests.holding(demand: amount(1), gpus: []),
            SchedulingPlanTests.holding(demand: amount(2), gpus: [], user: "bob", group: "teaching"),
        ]
        let queue =
            (0..<20).map { job($0) } + (20..<50).map { job($0, user: "bob", group: "teaching") }
            + [job(50, group: "teaching")]
        let plan = plan(queue, held: held, quotas: quotas)
        #expect(numbers(plan.starts.map(\.id)) == [50] && plan.overQuota.count == 20)
    }

    /// What is smaller does not overtake in the same quota for ever.
    @Test func aQuotaIsKeptForWhoCameFirst() {
        let quotas = ["research": GroupQuotas(user: Quota(cpu: CPUAmount(milli: 2000)))]
        let held = [SchedulingPlanTests.holding(demand: amount(1), gpus: [])]
        let queue = [job(0, 2), job(1, 1)]
        let plan = plan(queue, held: held, quotas: quotas)
        #expect(plan.starts.isEmpty)
        let words = words(1, plan, queue, held: held, quotas)
        #expect(words?.hasSuffix("waits for jobs before it that wait for the same") == true, "\(words ?? "nothing")")
    }

    @Test func overTheGroupsQuotaOtherGroupsGoOn() {
        let quotas = [
            "research": GroupQuotas(group: Quota(memory: MemorySize(bytes: 2 << 30), gpus: 1, runningJobs: 2))
        ]
        let queue = [
            job(0, gpus: 1), job(1, gpus: 1, user: "bob"), job(2, user: "eve"),
            job(3, user: "eve", group: "teaching"),
        ]
        let plan = plan(queue, quotas: quotas)
        #expect(numbers(plan.starts.map(\.id)) == [0, 3])
        #expect(words(1, plan, queue, quotas) == "over the quota of group 'research': waits for 1 GPU; 1 of 1 in use")
        // Kept for the job before it.
        #expect(plan.overQuota[SchedulingPlanTests.id(2)] == .ofGroup)
    }

    /// `quotaMemory`: each member's jobs wait for their own, and not for those of others.
    @Test func overOnesOwnMemoryQuotaOthersGoOn() {
        let quotas = ["research": GroupQuotas(user: Quota(memory: MemorySize(bytes: 2 << 30)))]
        let queue = [job(0, 0.5), job(1, 0.5), job(2, 0.5), job(3, 0.5, user: "bob")]
        let plan = plan(queue, quotas: quotas)
        #expect(numbers(plan.starts.map(\.id)) == [0, 3, 1] && plan.overQuota == [job(2).id: .ofUser])
        #expect(
            words(2, plan, queue, quotas)
                == "over the quota of ada in group 'research': waits for 1G of memory; 2G of 2G in use")
    }

    /// `projectQuotaMemory`: all members' jobs together.
    @Test func overTheGroupsMemoryQuotaOtherGroupsGoOn() {
        let quotas = ["research": GroupQuotas(group: Quota(memory: MemorySize(bytes: 3 << 29)))]
        let held = [SchedulingPlanTests.holding(demand: amount(0.5), gpus: [], user: "eve")]
        let queue = [job(0, 0.5), job(1, 0.5, user: "bob", group: "teaching")]
        let plan = plan(queue, held: held, quotas: quotas)
        #expect(numbers(plan.starts.map(\.id)) == [1] && plan.overQuota == [job(0).id: .ofGroup])
        #expect(
            words(0, plan, queue, held: held, quotas)
                == "over the quota of group 'research': waits for 1G of memory; 1G of 1.5G in use")
    }

    @Test func whatFillsAMemoryQuotaStarts() {
        for quotas in [
            GroupQuotas(user: Quota(memory: MemorySize(bytes: 2 << 30))),
            GroupQuotas(group: Quota(memory: MemorySize(bytes: 2 << 30))),
        ] {
            #expect(numbers(plan([job(0), job(1)], quotas: ["research": quotas]).starts.map(\.id)) == [0, 1])
        }
    }

    @Test func whoIsOverTheirOwnQuotaDoesNotUseUpTheGroups() {
        let quotas = ["research": GroupQuotas(user: Quota(runningJobs: 1), group: Quota(runningJobs: 2))]
        let queue = [job(0), job(1), job(2), job(3, user: "bob")]
        let plan = plan(queue, quotas: quotas)
        #expect(numbers(plan.starts.map(\.id)) == [0, 3])
        #expect(
            words(1, plan, queue, quotas)
                == "over the quota of ada in group 'research': waits for a running job to end; 1 of 1 run")
    }

    @Test func aJobWithoutGPUsIsNotDelayedByThatQuota() {
        let quotas = ["research": GroupQuotas(user: Quota(gpus: 0))]
        let plan = plan(
            [job(0)], held: [SchedulingPlanTests.holding(demand: amount(1, gpus: 1), gpus: [0])], quotas: quotas)
        #expect(numbers(plan.starts.map(\.id)) == [0])
    }

    @Test(arguments: [
        (Quota(gpus: 1), "needs 2 GPUs of at most 1, the quota of each user in group 'research'"),
        (Quota(cpu: CPUAmount(milli: 500)), "needs 1 CPU of at most 0.5, the quota of each user in group 'research'"),
        (
            Quota(memory: MemorySize(bytes: 1 << 20)),
            "needs 1G of memory of at most 1M, the quota of each user in group 'research'"
        ),
        (Quota(runningJobs: 0), "needs to run, and no job may, the quota of each user in group 'research'"),
    ])
    func whatNeverFitsTheQuotaIsRejected(_ quota: Quota, _ words: String) {
        let plan = plan(
            [job(0, gpus: 2), job(1, user: "bob", group: "teaching")], quotas: ["research": GroupQuotas(user: quota)])
        #expect(plan.rejections.map(\.message) == [words])
        #expect(numbers(plan.starts.map(\.id)) == [1])
    }

    /// Nobody waits for ever, whatever the others submit: every job of a long random run ends, and no bound is passed.
    @Test(arguments: UInt64(1)...4) func everybodyGetsTheirTurn(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let quotas = [
            "research": GroupQuotas(user: Quota(cpu: CPUAmount(milli: 3000)), group: Quota(gpus: 1, runningJobs: 3)),
            "teaching": GroupQuotas(user: Quota(runningJobs: 1)),
        ]
        var queue = (0..<300).map { number in
            job(
                number, [0.5, 1, 3][Int.random(in: 0..<3, using: &random)], gpus: number % 4 == 0 ? 1 : 0,
                user: ["ada", "ada", "ada", "bob", "eve"][number % 5], group: number % 3 == 0 ? "teaching" : "research")
        }
        var running: [(job: SchedulingPlan.Candidate, gpus: [GPU])] = []
        var steps = 0
        while !queue.isEmpty || !running.isEmpty {
            let held = running.map {
                SchedulingPlan.Holding(
                    demand: $0.job.demand, gpus: $0.gpus, userName: $0.job.userName, groupName: $0.job.groupName)
            }
            let plan = plan(queue, held: held, quotas: quotas)
            try #require(plan.rejections.isEmpty)
            try #require(plan.starts.count + plan.waiting.count + plan.overQuota.count == queue.count)
            for start in plan.starts {
                let index = try #require(queue.firstIndex { $0.id == start.id })
                running.append((queue.remove(at: index), start.gpus))
            }
            let used = running.reduce(ResourceAmount.zero) { $0 + $1.job.demand }
            try #require(used.fits(in: Self.capacity))
            for user in ["ada", "bob", "eve"] {
                let own = running.filter { $0.job.userName == user }
                try #require(own.count { $0.job.groupName == "teaching" } <= 1)
                let cpu = own.filter { $0.job.groupName == "research" }.reduce(0) { $0 + $1.job.demand.cpu.milli }
                try #require(cpu <= 3000)
            }
            let research = running.filter { $0.job.groupName == "research" }
            try #require(research.count <= 3 && research.reduce(0) { $0 + $1.job.demand.gpus } <= 1)
            try #require(!running.isEmpty, "the queue stands still though nothing runs")
            running.remove(at: Int.random(in: 0..<running.count, using: &random))
            steps += 1
        }
        #expect(steps == 300)
    }
}
