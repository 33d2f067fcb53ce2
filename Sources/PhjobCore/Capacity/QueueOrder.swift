/// The order in which waiting jobs are looked at.
///
/// A higher priority comes first. Among equals people take turns: next is a job of whoever holds the least of the node,
/// by the resource of which they hold most (dominant resource fairness; Ghodsi et al., NSDI 2011). What is given to or kept for those
/// of theirs that came before it in this order counts as held. The jobs of one person stay in the order in which they came, but those
/// that only queue for GPUs hold up none that needs no GPU.
struct QueueOrder {
    /// The jobs of one person that need GPUs, or those that need none.
    private struct Lane {
        let person: Int
        /// Positions in the queue, in the order in which they come.
        var jobs: [Int] = []
        var next = 0
        var priority: Int
        /// What those before the next one queue for, as a share of the node. Nobody gets it now, so it counts in this lane only.
        var queued = 0.0

        var nextJob: Int { jobs[next] }
    }

    private struct LaneKey: Hashable {
        let person: Int
        let needsGPUs: Bool
    }

    private let queue: [SchedulingPlan.Candidate]
    private let capacity: ResourceAmount
    private var lanes: [Lane] = []
    /// What each person holds, as a share of the node.
    private var shares: [Double] = []
    /// The lane of the job that was taken out last.
    private var current: Int?

    /// - Parameter queue: the waiting jobs, first come first.
    init(_ queue: [SchedulingPlan.Candidate], held: [SchedulingPlan.Holding], capacity: ResourceAmount) {
        self.queue = queue
        self.capacity = capacity
        var people: [String: Int] = [:]
        var positions: [LaneKey: Int] = [:]
        var hasPriorities = false
        // Mostly the next job is the same person's as the last one.
        var last = (userName: "", person: -1)
        for (index, job) in queue.enumerated() {
            hasPriorities = hasPriorities || job.priority != 0
            if last.person < 0 || job.userName != last.userName {
                last = (job.userName, people[job.userName, default: people.count])
                people[job.userName] = last.person
            }
            let key = LaneKey(person: last.person, needsGPUs: job.demand.gpus > 0)
            let lane = positions[key] ?? lanes.count
            if lane == lanes.count {
                positions[key] = lane
                lanes.append(Lane(person: last.person, priority: job.priority))
            }
            lanes[lane].jobs.append(index)
        }
        var use = Array(repeating: ResourceAmount.zero, count: people.count)
        for holding in held {
            guard let person = people[holding.userName] else { continue }
            use[person] = use[person] + holding.demand
        }
        shares = use.map { $0.dominantShare(of: capacity) }
        if hasPriorities { rank() }
    }

    private mutating func rank() {
        for lane in lanes.indices {
            lanes[lane].jobs.sort { (-queue[$0].priority, $0) < (-queue[$1].priority, $1) }
            lanes[lane].priority = queue[lanes[lane].jobs[0]].priority
        }
    }

    private func isBefore(_ left: Lane, _ right: Lane) -> Bool {
        if left.priority != right.priority { return left.priority > right.priority }
        return (shares[left.person] + left.queued, left.nextJob) < (shares[right.person] + right.queued, right.nextJob)
    }

    /// Takes out the job that comes next; nil when all were.
    mutating func next() -> SchedulingPlan.Candidate? {
        if let current { advance(current) }
        current = lanes.indices.first
        for lane in lanes.indices.dropFirst() {
            if let best = current, isBefore(lanes[lane], lanes[best]) { current = lane }
        }
        return current.map { queue[lanes[$0].nextJob] }
    }

    private mutating func advance(_ lane: Int) {
        lanes[lane].next += 1
        if lanes[lane].next == lanes[lane].jobs.count {
            lanes.remove(at: lane)
        } else {
            lanes[lane].priority = queue[lanes[lane].nextJob].priority
        }
    }

    /// The job that was taken out last got its demand, or it is kept for it: its person holds so much more from now on.
    mutating func charge(_ demand: ResourceAmount) {
        guard let current else { return }
        shares[lanes[current].person] += demand.dominantShare(of: capacity)
    }

    /// The job that was taken out last queues for GPUs: others of that person's who do so come later by so much.
    mutating func chargeInQueue(_ demand: ResourceAmount) {
        guard let current else { return }
        lanes[current].queued += demand.dominantShare(of: capacity)
    }
}

extension ResourceAmount {
    /// The largest part that this is of any resource of `whole`, from 0 to 1.
    fileprivate func dominantShare(of whole: ResourceAmount) -> Double {
        max(
            Double(cpu.milli) / Double(max(1, whole.cpu.milli)),
            Double(memory.bytes) / Double(max(1, whole.memory.bytes)), Double(gpus) / Double(max(1, whole.gpus)))
    }
}
