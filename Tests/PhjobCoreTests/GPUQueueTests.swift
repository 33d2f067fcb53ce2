import Testing

@testable import PhjobCore

/// What a queue for GPUs leaves to those who need none.
struct GPUQueueTests {
    private func amount(_ cpus: Double, gpus: Int = 0) -> ResourceAmount {
        SchedulingPlanTests.amount(cpus, 0, gpus: gpus)
    }

    private func job(
        _ number: Int, _ cpus: Double, gpus: Int = 0, user: String = "ada", group: String = "research"
    ) -> SchedulingPlan.Candidate {
        SchedulingPlanTests.candidate(number, amount(cpus, gpus: gpus), user: user, group: group)
    }

    private func holding(_ cpus: Double, _ gpus: [GPU], user: String = "ada") -> SchedulingPlan.Holding {
        SchedulingPlanTests.holding(demand: amount(cpus, gpus: gpus.count), gpus: gpus, user: user)
    }

    /// The numbers of the jobs that start on a node of four CPUs and two GPUs.
    private func starts(
        _ queue: [SchedulingPlan.Candidate], held: [SchedulingPlan.Holding] = [], gpus: [GPU] = [0, 1],
        quotas: [String: GroupQuotas] = [:]
    ) -> [Int] {
        let node = NodeCapacity(amount: SchedulingPlanTests.capacity, gpus: gpus)
        let plan = SchedulingPlan(queue: queue, held: held, node: node, quotas: quotas)
        return plan.starts.compactMap { Int($0.id.text.suffix(6)) }
    }

    @Test func howeverLongItIsTheRestOfTheNodeIsUsed() {
        let held = [holding(1, [0]), holding(1, [1])]
        let queue = (0..<30).map { job($0, 1, gpus: 1) } + [job(30, 1), job(31, 1), job(32, 1)]
        #expect(starts(queue, held: held) == [30, 31])
    }

    /// What is not there can give nothing back; how long somebody outside stays is not known.
    @Test(arguments: [[], [0]] as [[GPU]]) func whatIsBusyOutsideHoldsUpNobody(_ gpus: [GPU]) {
        #expect(starts([job(0, 4, gpus: 2), job(1, 1, gpus: 1), job(2, 4)], gpus: gpus) == [2])
    }

    /// Nobody behind delays whoever gets the next GPU.
    @Test func whatTheNextNeedsBesideItsGPUIsKept() {
        let held = [holding(1, [0, 1])]
        // Of 2.5 CPUs half a one comes with the GPU.
        #expect(starts([job(0, 2.5, gpus: 1), job(1, 1)], held: held) == [1])
        #expect(starts([job(0, 2.5, gpus: 1), job(1, 1.5)], held: held) == [])
        // Who has a GPU keeps all.
        #expect(starts([job(0, 4, gpus: 1), job(1, 1)], held: [holding(1, [])]) == [])
    }

    @Test func onlyAsManyAsThereAreGPUsKeepMore() {
        let queue = [job(0, 2, gpus: 1), job(1, 2, gpus: 1), job(2, 2)]
        #expect(starts(queue, held: [holding(0.5, [0])], gpus: [0]) == [2])
        #expect(starts(queue, held: [holding(0.25, [0]), holding(0.25, [1])]) == [])
    }

    @Test func quotasAreKeptOnlyForWhoCanHaveAGPU() {
        let quotas = ["research": GroupQuotas(group: Quota(runningJobs: 2))]
        let queue = [job(0, 1, gpus: 1), job(1, 1, gpus: 1), job(2, 1), job(3, 1)]
        #expect(starts(queue, gpus: [], quotas: quotas) == [2, 3])
    }

    /// What one only queues for is nothing that one has.
    @Test func whoQueuesForGPUsHasTheirTurnWithoutThem() {
        let queue = (0..<30).map { job($0, 1, gpus: 1) } + (30..<60).map { job($0, 1, user: "bob") } + [job(60, 1)]
        #expect(starts(queue, held: [holding(3, [], user: "bob")], gpus: []) == [60])
    }

    @Test func peopleTakeTurnsInIt() {
        let queue = [job(0, 1, gpus: 1), job(1, 1, gpus: 1), job(2, 1, gpus: 1, user: "bob")]
        let node = NodeCapacity(amount: SchedulingPlanTests.capacity, gpus: [])
        let plan = SchedulingPlan(queue: queue, held: [], node: node)
        #expect(plan.waiting == [0, 2, 1].map(SchedulingPlanTests.id))
    }
}
