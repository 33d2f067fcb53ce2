import Testing

@testable import PhjobCore

struct SchedulingPlanTests {
    static let capacity = amount(4, 8, gpus: 2)

    static func amount(_ cpus: Double, _ gigabytes: Int64, gpus: Int = 0) -> ResourceAmount {
        ResourceAmount(
            cpu: CPUAmount(milli: Int64(cpus * 1000)), memory: MemorySize(bytes: gigabytes << 30), gpus: gpus)
    }

    static func id(_ number: Int) -> JobID {
        let digits = String(number)
        return JobID("job-202611211000-" + String(repeating: "0", count: 6 - digits.count) + digits)!
    }

    static func candidate(
        _ number: Int, _ demand: ResourceAmount, user: String = "ada", group: String = "research", priority: Int = 0,
        isHeld: Bool = false
    ) -> SchedulingPlan.Candidate {
        SchedulingPlan.Candidate(
            id: id(number), demand: demand, userName: user, groupName: group, priority: priority, isHeld: isHeld)
    }

    static func holding(
        demand: ResourceAmount, gpus: [GPU], user: String = "ada", group: String = "research"
    ) -> SchedulingPlan.Holding {
        SchedulingPlan.Holding(demand: demand, gpus: gpus, userName: user, groupName: group)
    }

    private func plan(
        _ demands: [ResourceAmount], held: [SchedulingPlan.Holding] = [], capacity: ResourceAmount = capacity
    ) -> SchedulingPlan {
        let queue = demands.enumerated().map { Self.candidate($0.offset, $0.element) }
        return SchedulingPlan(queue: queue, held: held, node: Sample.node(capacity))
    }

    @Test func nothingWaits() {
        let plan = plan([])
        #expect(plan.starts.isEmpty && plan.rejections.isEmpty && plan.waiting.isEmpty && plan.shortage == nil)
    }

    @Test func allThatFitsStartsInOrder() {
        let plan = plan([Self.amount(1, 1), Self.amount(2, 2, gpus: 1), Self.amount(1, 5, gpus: 1)])
        #expect(plan.starts.map(\.id) == [Self.id(0), Self.id(1), Self.id(2)])
        #expect(plan.starts.map(\.gpus) == [[], [0], [1]])
        #expect(plan.waiting.isEmpty && plan.shortage == nil)
    }

    @Test func nobodyOvertakes() {
        let plan = plan([Self.amount(3, 1), Self.amount(2, 1), Self.amount(1, 1), Self.amount(0.5, 1)])
        #expect(plan.starts.map(\.id) == [Self.id(0)])
        #expect(plan.waiting == [Self.id(1), Self.id(2), Self.id(3)])
    }

    @Test func whatCanNeverRunHoldsNobodyUp() {
        let plan = plan([Self.amount(5, 1), Self.amount(1, 9), Self.amount(1, 1, gpus: 3), Self.amount(1, 1)])
        #expect(plan.starts.map(\.id) == [Self.id(3)])
        #expect(plan.waiting.isEmpty)
        #expect(
            plan.rejections.map(\.message) == [
                "needs 5 CPUs, more than this node gives to jobs",
                "needs 9G of memory, more than this node gives to jobs",
                "needs 3 GPUs, more than this node gives to jobs",
            ])
        #expect(plan.rejections.map(\.id) == [Self.id(0), Self.id(1), Self.id(2)])
    }

    @Test func whatCanNeverRunIsRejectedBehindOneThatWaitsToo() {
        let held = [Self.holding(demand: Self.amount(4, 1), gpus: [])]
        let plan = plan([Self.amount(1, 1), Self.amount(5, 1)], held: held)
        #expect(plan.waiting == [Self.id(0)] && plan.rejections.map(\.id) == [Self.id(1)])
    }

    @Test func freeGPUsAreGivenByTheirIndex() {
        let held = [Self.holding(demand: Self.amount(0.5, 1, gpus: 2), gpus: [0, 2])]
        let plan = plan(
            [Self.amount(1, 1, gpus: 1), Self.amount(1, 1, gpus: 1)], held: held, capacity: Self.amount(4, 8, gpus: 4))
        #expect(plan.starts.map(\.gpus) == [[1], [3]])
    }

    /// After the catalogue took GPUs away, a job may hold one that is no longer counted.
    @Test func gpusBeyondTheCapacityStayOut() {
        let held = [Self.holding(demand: Self.amount(0.5, 1, gpus: 1), gpus: [3])]
        let plan = plan([Self.amount(1, 1, gpus: 1), Self.amount(1, 1, gpus: 1)], held: held)
        #expect(plan.starts.map(\.gpus) == [[0]])
        #expect(plan.waiting == [Self.id(1)])
    }

    @Test func moreIsHeldThanThereIs() {
        let held = [Self.holding(demand: Self.amount(9, 20, gpus: 5), gpus: [0, 1, 2, 3, 4])]
        let plan = plan([Self.amount(1, 1)], held: held)
        #expect(plan.waiting == [Self.id(0)])
        #expect(plan.shortage == "waits for 1 CPU and 1G of memory; 4 of 4 CPUs in use, 8G of 8G of memory in use")
    }

    @Test(arguments: [
        (amount(1, 1, gpus: 1), "waits for 1 GPU; 2 of 2 GPUs in use"),
        (amount(1, 1, gpus: 2), "waits for 2 GPUs; 2 of 2 GPUs in use"),
        (amount(2.5, 1), "waits for 2.5 CPUs; 2 of 4 CPUs in use"),
        (amount(1, 3), "waits for 3G of memory; 6G of 8G of memory in use"),
        (
            amount(3, 8, gpus: 1),
            "waits for 1 GPU and 3 CPUs and 8G of memory; 2 of 2 GPUs in use, 2 of 4 CPUs in use, "
                + "6G of 8G of memory in use"
        ),
    ])
    func shortage(_ demand: ResourceAmount, words: String) {
        let held = [Self.holding(demand: Self.amount(2, 6, gpus: 2), gpus: [0, 1])]
        #expect(plan([demand, Self.amount(0.1, 1)], held: held).shortage == words)
    }

    @Test func messages() {
        let shortage = "waits for 1 GPU; 2 of 2 GPUs in use"
        #expect(SchedulingPlan.message(position: 0, shortage: shortage) == shortage + "; next in the queue")
        #expect(SchedulingPlan.message(position: 0, shortage: nil) == "waits to be started; next in the queue")
        #expect(
            SchedulingPlan.message(position: 2, shortage: shortage)
                == "3rd in the queue; the first waits for 1 GPU; 2 of 2 GPUs in use")
        #expect(
            SchedulingPlan.message(position: 1, shortage: nil) == "2nd in the queue; the first is about to start")
        let ordinals = [3: "4th", 10: "11th", 11: "12th", 12: "13th", 20: "21st", 21: "22nd", 22: "23rd", 110: "111th"]
        for (position, ordinal) in ordinals {
            #expect(SchedulingPlan.message(position: position, shortage: nil).hasPrefix(ordinal + " in the queue"))
        }
    }

    /// Records what is in use over a long run: the limit is reached, and never passed.
    @Test func theLimitIsUsedAndNeverExceeded() throws {
        var random = SeededGenerator(seed: 11)
        var queue = (0..<400).map { number in
            let demand = Self.amount(
                [0.5, 1, 2][number % 3], Int64(number % 4), gpus: number % 5 == 0 ? 2 : number % 2)
            return Self.candidate(number, demand)
        }
        var running: [(id: JobID, holding: SchedulingPlan.Holding)] = []
        var started: [JobID] = []
        var peak = ResourceAmount.zero
        while !queue.isEmpty || !running.isEmpty {
            let plan = SchedulingPlan(queue: queue, held: running.map(\.holding), node: Sample.node(Self.capacity))
            for start in plan.starts {
                let demand = try #require(queue.first { $0.id == start.id }).demand
                try #require(start.gpus.count == demand.gpus)
                running.append((start.id, Self.holding(demand: demand, gpus: start.gpus)))
            }
            started += plan.starts.map(\.id)
            queue.removeAll { candidate in plan.starts.contains { $0.id == candidate.id } }
            // Those that need GPUs, and those that need none, each in their order.
            for needsGPUs in [false, true] {
                let left = queue.filter { ($0.demand.gpus > 0) == needsGPUs }.map(\.id)
                try #require(plan.waiting.filter(left.contains) == left)
            }
            try #require(plan.waiting.count == queue.count)
            let used = running.reduce(ResourceAmount.zero) { $0 + $1.holding.demand }
            try #require(used.fits(in: Self.capacity))
            let gpus = running.flatMap(\.holding.gpus)
            try #require(Set(gpus).count == gpus.count && gpus.allSatisfy { 0..<2 ~= $0.index })
            peak.cpu = max(peak.cpu, used.cpu)
            peak.memory = max(peak.memory, used.memory)
            peak.gpus = max(peak.gpus, used.gpus)
            try #require(!running.isEmpty, "the queue stands still though nothing runs")
            running.remove(at: Int.random(in: 0..<running.count, using: &random))
        }
        // What needs no GPU may go before what waits for one, and nothing else is overtaken.
        #expect(Set(started) == Set((0..<400).map(Self.id)) && started.count == 400)
        #expect(peak.cpu == Self.capacity.cpu && peak.gpus == Self.capacity.gpus)
        #expect(peak.memory >= MemorySize(bytes: 7 << 30))
    }

    @Test func howManyFit() {
        #expect(Self.amount(1, 1).count(in: Self.capacity) == 4)
        #expect(Self.amount(1, 3).count(in: Self.capacity) == 2)
        #expect(Self.amount(0.5, 1, gpus: 2).count(in: Self.capacity) == 1)
        #expect(Self.amount(5, 1).count(in: Self.capacity) == 0)
        #expect(ResourceAmount.zero.count(in: Self.capacity) == 0)
    }
}
