/// The order in which waiting jobs are considered.
///
/// A higher priority comes first, and among equals a job that capacity is kept for already. Then people take turns:
/// next is a job of the person who holds the least of the node, by the resource of which they hold most (dominant
/// resource fairness; Ghodsi et al., NSDI 2011), and on equal shares of the one served least recently. What a plan
/// gives to or keeps for jobs earlier in this order counts as held. The jobs of one person stay in order of arrival,
/// but those that only queue for GPUs hold up none that needs no GPU.
struct QueueOrder {
    /// The jobs of one person that need GPUs, or those that need none, or a single one that capacity is kept for.
    private struct Lane {
        let person: Int
        /// The place among the jobs that capacity is kept for; `Int.max` if it is none of them.
        let reservation: Int
        /// Positions in the queue, in the order in which they come.
        var jobs: [Int] = []
        var next = 0
        var priority: Int
        /// What those before the next one queue for, as a share of the node. They do not get it now, so it counts in
        /// this lane only.
        var queued = 0.0

        var nextJob: Int { jobs[next] }
    }

    /// What decides which lane is next: the least. It only ever grows while jobs are taken out.
    private struct Rank: Equatable {
        let priority: Int
        let reservation: Int
        let share: Double
        let turn: Int
        let job: Int

        static func < (left: Rank, right: Rank) -> Bool {
            if left.priority != right.priority { return left.priority > right.priority }
            if left.reservation != right.reservation { return left.reservation < right.reservation }
            if left.share != right.share { return left.share < right.share }
            return (left.turn, left.job) < (right.turn, right.job)
        }
    }

    private struct LaneKey: Hashable {
        let person: Int
        let needsGPUs: Bool
        let reservation: Int
    }

    private let queue: [SchedulingPlan.Candidate]
    private let capacity: ResourceAmount
    private var lanes: [Lane] = []
    /// What each person holds, as a share of the node.
    private var shares: [Double] = []
    /// The number of each person's latest turn; 0 if they never had one.
    private var turns: [Int] = []
    private var latestTurn = 0
    /// The lane of the job that was taken out last; the first of the heap.
    private var current: Int?
    /// Each lane's rank, as of when it was last considered.
    private var ranks: [Rank] = []
    /// The lanes that have jobs left, as a binary heap by their ranks.
    private var heap: [Int] = []

    /// - Parameters:
    ///   - queue: the waiting jobs in order of arrival.
    ///   - earlier: what earlier plans leave to this one.
    init(
        _ queue: [SchedulingPlan.Candidate], held: [SchedulingPlan.Holding], capacity: ResourceAmount,
        earlier: SchedulingPlan.Earlier
    ) {
        self.queue = queue
        self.capacity = capacity
        var people: [String: Int] = [:]
        var positions: [LaneKey: Int] = [:]
        var hasPriorities = false
        let reservations = Dictionary(uniqueKeysWithValues: earlier.reserved.enumerated().map { ($1, $0) })
        // Mostly the next job is the same person's as the last one.
        var last = (userName: "", person: -1)
        for (index, job) in queue.enumerated() {
            hasPriorities = hasPriorities || job.priority != 0
            if last.person < 0 || job.userName != last.userName {
                last = (job.userName, people[job.userName, default: people.count])
                people[job.userName] = last.person
            }
            let reservation = reservations.isEmpty ? .max : reservations[job.id] ?? .max
            let key = LaneKey(person: last.person, needsGPUs: job.demand.gpus > 0, reservation: reservation)
            let lane = positions[key] ?? lanes.count
            if lane == lanes.count {
                positions[key] = lane
                lanes.append(Lane(person: last.person, reservation: reservation, priority: job.priority))
            }
            lanes[lane].jobs.append(index)
        }
        var use = Array(repeating: ResourceAmount.zero, count: people.count)
        for holding in held {
            guard let person = people[holding.userName] else { continue }
            use[person] = use[person] + holding.demand
        }
        shares = use.map { $0.dominantShare(of: capacity) }
        turns = Array(repeating: 0, count: people.count)
        for (userName, person) in people { turns[person] = earlier.turns.number(of: userName) }
        latestTurn = earlier.turns.latest
        if hasPriorities { sortByPriority() }
        ranks = lanes.indices.map { rank(of: $0) }
        heap = Array(lanes.indices)
        for position in heap.indices.reversed() { sink(position) }
    }

    private mutating func sortByPriority() {
        for lane in lanes.indices {
            lanes[lane].jobs.sort { (-queue[$0].priority, $0) < (-queue[$1].priority, $1) }
            lanes[lane].priority = queue[lanes[lane].jobs[0]].priority
        }
    }

    private func rank(of lane: Int) -> Rank {
        let lane = lanes[lane]
        return Rank(
            priority: lane.priority, reservation: lane.reservation, share: shares[lane.person] + lane.queued,
            turn: turns[lane.person], job: lane.nextJob)
    }

    /// Whether capacity was kept for the job that was taken out last by an earlier plan already.
    var isReserved: Bool { current.map { lanes[$0].reservation != .max } ?? false }

    /// Takes out the job that comes next; `nil` if none is left.
    mutating func next() -> SchedulingPlan.Candidate? {
        if let current { advance(current) }
        // What is given to a person moves their other lanes back, which is seen when they come first.
        while let first = heap.first {
            let rank = rank(of: first)
            if rank == ranks[first] {
                current = first
                return queue[lanes[first].nextJob]
            }
            ranks[first] = rank
            sink(0)
        }
        current = nil
        return nil
    }

    /// Goes to the next job of the lane that comes first.
    private mutating func advance(_ lane: Int) {
        lanes[lane].next += 1
        if lanes[lane].next == lanes[lane].jobs.count {
            heap.swapAt(0, heap.count - 1)
            heap.removeLast()
        } else {
            lanes[lane].priority = queue[lanes[lane].nextJob].priority
            ranks[lane] = rank(of: lane)
        }
        sink(0)
    }

    /// Restores the order of the heap below `position`.
    private mutating func sink(_ position: Int) {
        var position = position
        while true {
            var least = position
            for child in [2 * position + 1, 2 * position + 2]
            where child < heap.count && ranks[heap[child]] < ranks[heap[least]] {
                least = child
            }
            if least == position { return }
            heap.swapAt(position, least)
            position = least
        }
    }

    /// The job that was taken out last got its demand, or it is kept for it: its person holds so much more from now on.
    mutating func charge(_ demand: ResourceAmount) {
        guard let current else { return }
        let person = lanes[current].person
        shares[person] += demand.dominantShare(of: capacity)
        latestTurn += 1
        turns[person] = latestTurn
    }

    /// The job that was taken out last only queues: those behind it in its lane come later by so much.
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
