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

    /// What comes with the GPUs counts once for each that is missing.
    @Test func whatComesWithEachMissingGPUIsNotKept() {
        // Of 3 CPUs two halves come with the two GPUs, so of the three that are free one is left.
        #expect(starts([job(0, 3, gpus: 2), job(1, 1)], held: [holding(1, [0, 1])]) == [1])
        #expect(starts([job(0, 3, gpus: 2), job(1, 1.5)], held: [holding(1, [0, 1])]) == [])
        // With one of them free only one half comes.
        #expect(starts([job(0, 3, gpus: 2), job(1, 1)], held: [holding(0.5, [0])]) == [1])
        #expect(starts([job(0, 3, gpus: 2), job(1, 1.5)], held: [holding(0.5, [0])]) == [])
    }

    /// The last GPU that is free belongs to the job that waits for two, though it cannot say when it gets the other.
    @Test func whatWaitsForGPUsBusyOutsideKeepsThoseThatAreFree() {
        let node = NodeCapacity(amount: SchedulingPlanTests.amount(4, 8, gpus: 4), gpus: [3])
        let queue = [job(0, 1, gpus: 2), job(1, 1, gpus: 1, user: "bob"), job(2, 3, user: "eve")]
        let plan = SchedulingPlan(queue: queue, held: [], node: node)
        #expect(plan.starts.map(\.id) == [SchedulingPlanTests.id(2)])
        #expect(plan.waiting == [0, 1].map(SchedulingPlanTests.id))
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

    // MARK: GPUs that must be scanned first

    /// The plan as long as the GPUs of a node of four CPUs and two GPUs were not seen.
    private func unseen(
        _ queue: [SchedulingPlan.Candidate], reserved: [JobID] = []
    ) -> SchedulingPlan {
        let earlier = SchedulingPlan.Earlier(reserved: reserved)
        func plan(_ gpus: [GPU], _ problem: String?) -> SchedulingPlan {
            SchedulingPlan(
                queue: queue, held: [],
                node: NodeCapacity(amount: SchedulingPlanTests.capacity, gpus: gpus, gpuProblem: problem),
                earlier: earlier)
        }
        return plan([0, 1], nil).withoutGPUStarts(shownAs: plan([], "being scanned"), earlier: earlier)
    }

    /// It gets its GPUs in a moment; then its CPUs must be there too.
    @Test func whatWaitsForTheScanKeepsWhatItNeeds() {
        let id = SchedulingPlanTests.id
        let plan = unseen([job(0, 3, gpus: 2), job(1, 1), job(2, 2)], reserved: [id(0)])
        #expect(plan.starts.map(\.id) == [id(1)])
        #expect(plan.waiting == [0, 2].map(id) && plan.reserved == [id(0)])
        #expect(plan.shortage == "waits for 2 GPUs; 0 of 2 GPUs in use, being scanned")
    }

    @Test func whatNeedsNoGPUDoesNotWaitForTheScan() {
        let id = SchedulingPlanTests.id
        let plan = unseen([job(0, 1, gpus: 1), job(1, 3), job(2, 1, gpus: 1)])
        #expect(plan.starts.map(\.id) == [id(1)] && plan.waiting == [0, 2].map(id))
    }
}
