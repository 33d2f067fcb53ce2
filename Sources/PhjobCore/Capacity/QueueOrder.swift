/// The order in which waiting jobs are looked at.
///
/// A higher priority comes first. Among equals people take turns: next is a job of whoever holds the least of the node,
/// by the resource of which they hold most (dominant resource fairness; Ghodsi et al., NSDI 2011), those of theirs that
/// came before it in this order counted as held. The jobs of one person stay in the order in which they came.
struct QueueOrder {
    /// The jobs of one person.
    private struct Lane {
        /// Positions in the queue, in the order in which they come.
        var jobs: [Int]
        var next = 0
        var priority: Int
        var share = 0.0

        /// Where the first of them came, to tell equals apart.
        let arrival: Int

        func isBefore(_ other: Lane) -> Bool {
            if priority != other.priority { return priority > other.priority }
            return (share, arrival) < (other.share, other.arrival)
        }
    }

    private let queue: [SchedulingPlan.Candidate]
    private let capacity: ResourceAmount
    private var lanes: [Lane] = []

    /// - Parameter queue: the waiting jobs, first come first.
    init(_ queue: [SchedulingPlan.Candidate], held: [SchedulingPlan.Holding], capacity: ResourceAmount) {
        self.queue = queue
        self.capacity = capacity
        var positions: [String: Int] = [:]
        var hasPriorities = false
        // Mostly the next job is the same person's as the last one.
        var last = (userName: "", lane: -1)
        for index in queue.indices {
            hasPriorities = hasPriorities || queue[index].priority != 0
            if last.lane < 0 || queue[index].userName != last.userName {
                last.userName = queue[index].userName
                last.lane = positions[last.userName] ?? lanes.count
                if last.lane == lanes.count {
                    positions[last.userName] = last.lane
                    lanes.append(Lane(jobs: [], priority: queue[index].priority, arrival: index))
                }
            }
            lanes[last.lane].jobs.append(index)
        }
        var use: [Int: ResourceAmount] = [:]
        for holding in held {
            guard let lane = positions[holding.userName] else { continue }
            use[lane, default: .zero] = use[lane, default: .zero] + holding.demand
        }
        for (lane, amount) in use { lanes[lane].share = amount.dominantShare(of: capacity) }
        if hasPriorities { rank() }
    }

    private mutating func rank() {
        for lane in lanes.indices {
            lanes[lane].jobs.sort { (-queue[$0].priority, $0) < (-queue[$1].priority, $1) }
            lanes[lane].priority = queue[lanes[lane].jobs[0]].priority
        }
    }

    /// Takes out the job that comes next; nil when all were.
    mutating func next() -> SchedulingPlan.Candidate? {
        guard var best = lanes.indices.first else { return nil }
        for lane in lanes.indices.dropFirst() where lanes[lane].isBefore(lanes[best]) { best = lane }
        let job = queue[lanes[best].jobs[lanes[best].next]]
        // One that is held back by a person takes no turn.
        if !job.isHeld { lanes[best].share += job.demand.dominantShare(of: capacity) }
        lanes[best].next += 1
        if lanes[best].next == lanes[best].jobs.count {
            lanes.remove(at: best)
        } else {
            lanes[best].priority = queue[lanes[best].jobs[lanes[best].next]].priority
        }
        return job
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
