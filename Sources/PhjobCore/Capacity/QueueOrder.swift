/// The order in which waiting jobs are looked at.
///
/// A higher priority comes first. Among equals people take turns: next is a job of whoever holds the least of the node,
/// by the resource of which they hold most (dominant resource fairness; Ghodsi et al., NSDI 2011), those of theirs that
/// came before it in this order counted as held. The jobs of one person stay in the order in which they came.
struct QueueOrder {
    private struct Lane {
        var jobs: [SchedulingPlan.Candidate]
        var next = 0
        var share: Double
        /// Where the first of its jobs came in the queue, to tell equals apart.
        let arrival: Int

        var head: SchedulingPlan.Candidate { jobs[next] }
    }

    private var lanes: [Lane] = []
    private let capacity: ResourceAmount

    init(_ queue: some Sequence<SchedulingPlan.Candidate>, held: [SchedulingPlan.Holding], capacity: ResourceAmount) {
        self.capacity = capacity
        var positions: [String: Int] = [:]
        for (arrival, job) in queue.enumerated() {
            if let position = positions[job.userName] {
                lanes[position].jobs.append(job)
            } else {
                positions[job.userName] = lanes.count
                lanes.append(Lane(jobs: [job], share: 0, arrival: arrival))
            }
        }
        var use: [String: ResourceAmount] = [:]
        for holding in held {
            use[holding.userName, default: .zero] = use[holding.userName, default: .zero] + holding.demand
        }
        for index in lanes.indices {
            lanes[index].share = use[lanes[index].head.userName].map { $0.dominantShare(of: capacity) } ?? 0
            if lanes[index].jobs.contains(where: { $0.priority != 0 }) {
                // sort(by:) promises no order among equals.
                let ranked = lanes[index].jobs.enumerated().sorted {
                    ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset)
                }
                lanes[index].jobs = ranked.map(\.element)
            }
        }
    }

    /// Takes out the job that comes next; nil when all were.
    mutating func next() -> SchedulingPlan.Candidate? {
        let best = lanes.indices.min { left, right in
            let (left, right) = (lanes[left], lanes[right])
            return (-left.head.priority, left.share, left.arrival) < (-right.head.priority, right.share, right.arrival)
        }
        guard let best else { return nil }
        let job = lanes[best].head
        // One that is held back by a person takes no turn.
        if !job.isHeld { lanes[best].share += job.demand.dominantShare(of: capacity) }
        lanes[best].next += 1
        if lanes[best].next == lanes[best].jobs.count { lanes.remove(at: best) }
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
