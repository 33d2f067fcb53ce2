/// Who may start now, and why the others wait: a pure function of the queue, of what is held, and of the node.
package struct SchedulingPlan: Sendable, Equatable {
    /// A job that waits.
    package struct Candidate: Sendable, Equatable {
        package let id: JobID
        package let demand: ResourceAmount

        package init(id: JobID, demand: ResourceAmount) {
            self.id = id
            self.demand = demand
        }
    }

    /// A job that holds a share of the node.
    package struct Holding: Sendable, Equatable {
        package let demand: ResourceAmount
        package let gpus: [GPU]

        package init(demand: ResourceAmount, gpus: [GPU]) {
            self.demand = demand
            self.gpus = gpus
        }
    }

    package struct Start: Sendable, Equatable {
        package let id: JobID
        package let gpus: [GPU]
    }

    /// A job that can never run on this node.
    package struct Rejection: Sendable, Equatable {
        package let id: JobID
        package let message: String
    }

    package var starts: [Start] = []
    package var rejections: [Rejection] = []
    /// The jobs that go on waiting, in the order of the queue.
    package var waiting: [JobID] = []
    /// What the first waiting job waits for: `1 GPU; 2 of 2 in use`.
    package var shortage: String?

    /// First come, first served: a job starts when it fits beside what is held and nobody waits before it.
    ///
    /// - Parameters:
    ///   - queue: the waiting jobs, first come first.
    ///   - held: the jobs being prepared or running.
    ///   - capacity: what the node gives to jobs in all.
    ///   - gpus: the GPUs that may be given out, held ones among them.
    package init(queue: some Sequence<Candidate>, held: [Holding], capacity: ResourceAmount, gpus: [GPU]) {
        var used = held.reduce(ResourceAmount.zero) { $0 + $1.demand }
        let heldGPUs = held.flatMap(\.gpus)
        var freeGPUs = gpus.filter { gpu in !heldGPUs.contains { $0.isSameDevice(as: gpu) } }
        for candidate in queue {
            guard candidate.demand.fits(in: capacity) else {
                let shortage = candidate.demand.shortage(against: capacity)
                rejections.append(
                    Rejection(id: candidate.id, message: "needs \(shortage), more than this node gives to jobs"))
                continue
            }
            guard waiting.isEmpty else {
                waiting.append(candidate.id)
                continue
            }
            var free = capacity - used
            free.gpus = min(free.gpus, freeGPUs.count)
            guard candidate.demand.fits(in: free) else {
                shortage = Self.describe(candidate.demand, free: free, capacity: capacity)
                waiting.append(candidate.id)
                continue
            }
            let gpus = Array(freeGPUs.prefix(candidate.demand.gpus))
            freeGPUs.removeFirst(gpus.count)
            used = used + candidate.demand
            starts.append(Start(id: candidate.id, gpus: gpus))
        }
    }

    private static func describe(_ demand: ResourceAmount, free: ResourceAmount, capacity: ResourceAmount) -> String {
        let used = capacity - free
        var use: [String] = []
        if demand.gpus > free.gpus { use.append("\(used.gpus) of \(capacity.gpus) GPUs in use") }
        if demand.cpu > free.cpu { use.append("\(used.cpu) of \(capacity.cpu) CPUs in use") }
        if demand.memory > free.memory { use.append("\(used.memory) of \(capacity.memory) of memory in use") }
        return "waits for \(demand.shortage(against: free)); \(use.joined(separator: ", "))"
    }

    /// Why the job at `position` (0 is first) of the waiting jobs waits, in words that a person can act on.
    package static func message(position: Int, shortage: String?) -> String {
        if position == 0 { return "\(shortage ?? "waits to be started"); next in the queue" }
        return "\(ordinal(position + 1)) in the queue; the first \(shortage ?? "is about to start")"
    }

    private static func ordinal(_ number: Int) -> String {
        let suffix =
            switch (number % 100, number % 10) {
            case (11...13, _): "th"
            case (_, 1): "st"
            case (_, 2): "nd"
            case (_, 3): "rd"
            default: "th"
            }
        return "\(number)\(suffix)"
    }
}
