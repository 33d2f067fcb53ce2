/// Who may start now, and why the others wait: a pure function of the queue, of what is held, and of the node.
package struct SchedulingPlan: Sendable, Equatable {
    /// A job that waits.
    package struct Candidate: Sendable, Equatable {
        package let id: JobID
        package let demand: ResourceAmount
        package let userName: String
        package let groupName: String
        package var priority: Int
        /// Whether somebody holds it back.
        package var isHeld: Bool

        package init(
            id: JobID, demand: ResourceAmount, userName: String, groupName: String, priority: Int = 0,
            isHeld: Bool = false
        ) {
            self.id = id
            self.demand = demand
            self.userName = userName
            self.groupName = groupName
            self.priority = priority
            self.isHeld = isHeld
        }
    }

    /// A job that holds a share of the node.
    package struct Holding: Sendable, Equatable {
        package let demand: ResourceAmount
        package let gpus: [GPU]
        package let userName: String
        package let groupName: String

        package init(demand: ResourceAmount, gpus: [GPU], userName: String, groupName: String) {
            self.demand = demand
            self.gpus = gpus
            self.userName = userName
            self.groupName = groupName
        }
    }

    /// What earlier plans leave to the next one.
    package struct Earlier: Sendable, Equatable {
        package var turns = Turns()
        /// The waiting jobs that capacity is kept for, in the order in which that began.
        package var reserved: [JobID] = []

        package init(turns: Turns = Turns(), reserved: [JobID] = []) {
            self.turns = turns
            self.reserved = reserved
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
    /// The jobs that wait for their turn, in the order in which they will have it.
    package var waiting: [JobID] = []
    /// The jobs that are over a quota, and over which. They hold up nobody but those that share the quota.
    package var overQuota: [JobID: OverQuota] = [:]
    /// What the first waiting job waits for: `1 GPU; 2 of 2 in use`.
    package var shortage: String?
    /// The jobs that wait and that the next plan must go on keeping capacity for: other jobs wait because of that.
    package var reserved: [JobID] = []

    /// A job starts when it fits beside what is held, beside its quotas, and beside what is kept for those before it.
    ///
    /// For the first jobs that wait their share is kept, of the node (``Reservations``) and of their quotas
    /// (``QuotaUsage``), until they start. So nothing behind them delays them, and yet a job that needs no GPU does not
    /// wait behind those that queue for one.
    ///
    /// - Parameters:
    ///   - queue: the waiting jobs, first come first.
    ///   - held: the jobs being prepared or running.
    ///   - node: what the node gives to jobs.
    ///   - quotas: the bounds of groups, by their names.
    ///   - earlier: what the plan before this one left.
    ///   - mayStart: whether anything may start at all; else all that could go on waiting.
    package init(
        queue: [Candidate], held: [Holding], node: NodeCapacity, quotas: [String: GroupQuotas] = [:],
        earlier: Earlier = Earlier(), mayStart: Bool = true
    ) {
        let capacity = node.amount
        let heldGPUs = held.flatMap(\.gpus)
        var freeGPUs = node.gpus.filter { gpu in !heldGPUs.contains { $0.isSameDevice(as: gpu) } }
        var free = mayStart ? capacity - held.reduce(ResourceAmount.zero) { $0 + $1.demand } : .zero
        free.gpus = min(free.gpus, freeGPUs.count)
        var usage = QuotaUsage(held)
        var reservations = Reservations(gpus: node.gpus.count, held: held, free: free)
        var order = QueueOrder(queue, held: held, capacity: capacity, earlier: earlier)
        while let candidate = order.next() {
            let quotas = quotas.isEmpty ? nil : quotas[candidate.groupName]
            if let words = Self.neverFits(candidate, in: capacity, quotas) {
                rejections.append(Rejection(id: candidate.id, message: words))
                continue
            }
            if candidate.isHeld { continue }
            if let over = quotas.flatMap({ usage.delay(candidate, $0, isReserved: order.isReserved) }) {
                overQuota[candidate.id] = over
            } else if candidate.demand.fits(in: free) {
                if quotas != nil { usage.start(candidate) }
                let gpus = Array(freeGPUs.prefix(candidate.demand.gpus))
                freeGPUs.removeFirst(gpus.count)
                free = free - candidate.demand
                reservations.start(candidate.demand)
                order.charge(candidate.demand)
                starts.append(Start(id: candidate.id, gpus: gpus))
            } else {
                if waiting.isEmpty { shortage = Self.describe(candidate.demand, free: free, node: node) }
                switch reservations.wait(candidate, free: free, isReserved: order.isReserved) {
                case .share(let kept):
                    if quotas != nil { usage.keep(candidate) }
                    order.charge(candidate.demand)
                    free = free - kept
                case .gpus:
                    order.chargeInQueue(candidate.demand)
                    free.gpus = max(0, free.gpus - candidate.demand.gpus)
                case .nothing:
                    order.chargeInQueue(candidate.demand)
                }
                waiting.append(candidate.id)
            }
        }
        let (kept, before) = (reservations.jobs + usage.reserved, Set(earlier.reserved))
        reserved = earlier.reserved.filter(Set(kept).contains) + kept.filter { !before.contains($0) }
    }

    private static func neverFits(
        _ candidate: Candidate, in capacity: ResourceAmount, _ quotas: GroupQuotas?
    ) -> String? {
        if !candidate.demand.fits(in: capacity) {
            return "needs \(candidate.demand.shortage(against: capacity)), more than this node gives to jobs"
        }
        return quotas?.neverAllow(candidate.demand, groupName: candidate.groupName)
    }

    private static func describe(_ demand: ResourceAmount, free: ResourceAmount, node: NodeCapacity) -> String {
        let capacity = node.amount
        let used = capacity - free
        var use: [String] = []
        if demand.gpus > free.gpus {
            // Those that jobs do not hold are said apart.
            let held = max(0, used.gpus - (capacity.gpus - node.gpus.count))
            let counted = node.gpuProblem == nil ? used.gpus : held
            use.append("\(counted) of \(capacity.gpus) GPUs in use")
            if let problem = node.gpuProblem { use.append(problem) }
        }
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
