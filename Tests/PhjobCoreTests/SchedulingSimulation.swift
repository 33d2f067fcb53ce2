@testable import PhjobCore

/// A node and its queue over time: each plan begins with what the one before it left, as in the runner.
struct SchedulingSimulation {
    struct Running {
        let job: SchedulingPlan.Candidate
        let gpus: [GPU]
    }

    let node: NodeCapacity
    var quotas: [String: GroupQuotas] = [:]
    private(set) var queue: [SchedulingPlan.Candidate] = []
    private(set) var running: [Running] = []
    private(set) var earlier = SchedulingPlan.Earlier()
    private(set) var plan: SchedulingPlan
    private var count = 0

    init(cpus: Double, gpus: Int = 0, quotas: [String: GroupQuotas] = [:]) {
        node = Sample.node(SchedulingPlanTests.amount(cpus, 64, gpus: gpus))
        plan = SchedulingPlan(queue: [], held: [], node: node)
        self.quotas = quotas
    }

    /// Submits jobs; their numbers go up from 0 in order of arrival.
    mutating func submit(
        _ number: Int = 1, cpus: Double, gpus: Int = 0, user: String, group: String = "research", priority: Int = 0
    ) {
        for _ in 0..<number {
            queue.append(
                SchedulingPlanTests.candidate(
                    count, SchedulingPlanTests.amount(cpus, 1, gpus: gpus), user: user, group: group,
                    priority: priority))
            count += 1
        }
    }

    var held: [SchedulingPlan.Holding] {
        running.map {
            SchedulingPlan.Holding(
                demand: $0.job.demand, gpus: $0.gpus, userName: $0.job.userName, groupName: $0.job.groupName)
        }
    }

    /// Plans, and starts what the plan starts.
    ///
    /// - Returns: the jobs that started.
    @discardableResult
    mutating func advance() -> [SchedulingPlan.Candidate] {
        plan = SchedulingPlan(queue: queue, held: held, node: node, quotas: quotas, earlier: earlier)
        let started = plan.starts.compactMap { start -> SchedulingPlan.Candidate? in
            guard let index = queue.firstIndex(where: { $0.id == start.id }) else { return nil }
            let job = queue.remove(at: index)
            running.append(Running(job: job, gpus: start.gpus))
            earlier.turns.take(job.userName)
            return job
        }
        earlier.reserved = plan.reserved
        return started
    }

    /// Ends the first running job that matches.
    mutating func end(where matches: (SchedulingPlan.Candidate) -> Bool = { _ in true }) {
        if let index = running.firstIndex(where: { matches($0.job) }) { running.remove(at: index) }
    }

    mutating func endAny(using random: inout SeededGenerator) {
        if !running.isEmpty { running.remove(at: Int.random(in: 0..<running.count, using: &random)) }
    }

    /// A waiting job leaves.
    mutating func cancel(_ id: JobID) { queue.removeAll { $0.id == id } }

    mutating func change(_ id: JobID, _ change: (inout SchedulingPlan.Candidate) -> Void) {
        if let index = queue.firstIndex(where: { $0.id == id }) { change(&queue[index]) }
    }
}
