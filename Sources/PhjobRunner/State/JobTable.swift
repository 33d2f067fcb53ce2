import PhjobCore
import PhjobStore

/// All jobs: a summary of each, and the records of those that something is being done for. A value without I/O.
struct JobTable: Sendable {
    /// A user's key for one submission.
    struct SubmissionKey: Hashable, Sendable {
        let userName: String
        let key: String
    }

    /// What jobs are counted by.
    struct Kind: Hashable, Sendable {
        let groupName: String
        let userName: String
        let phase: JobPhase
    }

    /// Every job, oldest first.
    private(set) var summaries: [JobSummary] = []
    private var positions: [JobID: Int] = [:]
    /// Jobs that are being prepared, run, or have ended and are not cleaned up. The others' records are on disk only: ten
    /// thousand that wait shall not fill the memory.
    private(set) var live: [JobID: JobRecord] = [:]
    /// The jobs that wait, first come first.
    private(set) var queue: [SchedulingPlan.Candidate] = []
    private(set) var submissions: [SubmissionKey: JobID] = [:]
    /// How many jobs there are of each kind.
    private(set) var counts: [Kind: Int] = [:]

    /// Fills an empty table with what was found on disk, in any order.
    mutating func fill(records: [JobRecord], summaries others: [JobSummary]) {
        summaries = others
        summaries.reserveCapacity(others.count + records.count)
        for record in records { summaries.append(JobSummary(record.job)) }
        summaries.sort { ($0.createTime, $0.id) < ($1.createTime, $1.id) }
        positions.reserveCapacity(summaries.count)
        for (position, summary) in summaries.enumerated() {
            positions[summary.id] = position
            count(summary, 1)
            remember(summary)
        }
        let waiting = records.filter { $0.job.phase == .pending }
        queue = waiting.sorted { ($0.job.createTime, $0.job.id) < ($1.job.createTime, $1.job.id) }.map(Self.candidate)
        for record in records where record.job.isLive { live[record.job.id] = record }
    }

    /// A time for a job created at `now`: later than any other job's, so that the order of jobs is certain.
    func createTime(at now: Timestamp) -> Timestamp {
        guard let latest = summaries.last?.createTime else { return now }
        return max(now, Timestamp(milliseconds: latest.milliseconds + 1))
    }

    /// Adds a job that was just created, and waits.
    mutating func add(_ record: JobRecord) {
        let summary = JobSummary(record.job)
        positions[summary.id] = summaries.count
        summaries.append(summary)
        count(summary, 1)
        remember(summary)
        queue.append(Self.candidate(record))
    }

    /// Takes over a record that was saved.
    mutating func update(_ record: JobRecord) {
        let id = record.job.id
        guard let position = positions[id] else { return }
        let before = summaries[position]
        let summary = JobSummary(record.job)
        if summary != before {
            count(before, -1)
            count(summary, 1)
            summaries[position] = summary
        }
        if before.phase == .pending, summary.phase != .pending { leaveQueue(id) }
        live[id] = record.job.isLive ? record : nil
    }

    /// Forgets a job whose record cannot be read any more.
    mutating func remove(_ id: JobID) {
        guard let position = positions[id] else { return }
        count(summaries[position], -1)
        summaries.remove(at: position)
        positions = Dictionary(uniqueKeysWithValues: summaries.enumerated().map { ($1.id, $0) })
        leaveQueue(id)
        live[id] = nil
    }

    func contains(_ id: JobID) -> Bool { positions[id] != nil }

    func summary(_ id: JobID) -> JobSummary? { positions[id].map { summaries[$0] } }

    /// The place of a waiting job in the queue; 0 is first.
    func queuePosition(of id: JobID) -> Int? { queue.firstIndex { $0.id == id } }

    /// What the jobs being prepared or running hold.
    var holdings: [SchedulingPlan.Holding] {
        live.values.filter(\.job.holdsResources).map {
            SchedulingPlan.Holding(demand: $0.job.spec.instanceType.demand, gpus: $0.job.heldGPUs)
        }
    }

    private static func candidate(_ record: JobRecord) -> SchedulingPlan.Candidate {
        SchedulingPlan.Candidate(id: record.job.id, demand: record.job.spec.instanceType.demand)
    }

    private mutating func leaveQueue(_ id: JobID) {
        if let index = queuePosition(of: id) { queue.remove(at: index) }
    }

    private mutating func count(_ summary: JobSummary, _ change: Int) {
        let kind = Kind(groupName: summary.groupName, userName: summary.userName, phase: summary.phase)
        let count = counts[kind, default: 0] + change
        counts[kind] = count > 0 ? count : nil
    }

    private mutating func remember(_ summary: JobSummary) {
        guard let key = summary.idempotencyKey else { return }
        submissions[SubmissionKey(userName: summary.userName, key: key)] = summary.id
    }
}

extension Job {
    /// Whether something is being done for it, so that its record is kept in memory.
    fileprivate var isLive: Bool {
        switch state {
        case .pending: false
        case .preparing, .running: true
        case .ended(let ended): !ended.isCleanedUp
        }
    }
}
