import PhjobCore
import PhjobStore

/// All jobs: a summary of each, and the records of those that something is being done for. A value without I/O.
struct JobTable: Sendable {
    /// A user's key for one submission.
    struct SubmissionKey: Hashable, Sendable {
        let owner: JobOwner
        let key: String
    }

    /// What jobs are counted by.
    struct Kind: Hashable, Sendable {
        let groupName: String
        let owner: JobOwner
        let phase: JobPhase

        init(_ summary: JobSummary) {
            (groupName, owner, phase) = (summary.groupName, summary.owner, summary.phase)
        }
    }

    /// Every job, oldest first.
    private(set) var summaries: [JobSummary] = []
    private(set) var positions: [JobID: Int] = [:]
    /// Jobs that are being prepared, run, or have ended and are not cleaned up. The others' records are on disk only: ten
    /// thousand that wait shall not fill the memory.
    private(set) var live: [JobID: JobRecord] = [:]
    /// The jobs that wait, first come first.
    private(set) var queue: [SchedulingPlan.Candidate] = []
    /// Who was served when. Derived: a restart takes it from the starts of the jobs that there are.
    private(set) var turns = Turns()
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
        turns = Turns(Self.latestStarts(of: records, summaries: summaries))
    }

    /// When each user last got a job started.
    private static func latestStarts(of records: [JobRecord], summaries: [JobSummary]) -> [String: Timestamp] {
        var starts: [String: Timestamp] = [:]
        func note(_ time: Timestamp, _ userName: String) {
            if starts[userName].map({ $0 < time }) ?? true { starts[userName] = time }
        }
        for summary in summaries { summary.startTime.map { note($0, summary.userName) } }
        // A job that is still being prepared has had its turn.
        for record in records where record.job.phase == .preparing {
            record.job.history.last.map { note($0.time, record.job.spec.user.name) }
        }
        return starts
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
        if before.phase == .pending, let index = queue.firstIndex(where: { $0.id == id }) {
            if summary.phase == .pending { queue[index] = Self.candidate(record) } else { queue.remove(at: index) }
            if summary.phase == .preparing { turns.take(summary.userName) }
        }
        live[id] = record.job.isLive ? record : nil
    }

    /// Forgets jobs whose records are gone.
    mutating func remove(_ ids: Set<JobID>) {
        for id in ids {
            guard let summary = summary(id) else { continue }
            count(summary, -1)
            if let key = summary.idempotencyKey {
                let key = SubmissionKey(owner: summary.owner, key: key)
                if submissions[key] == id { submissions[key] = nil }
            }
            live[id] = nil
        }
        summaries.removeAll { ids.contains($0.id) }
        positions = Dictionary(uniqueKeysWithValues: summaries.enumerated().map { ($1.id, $0) })
        queue.removeAll { ids.contains($0.id) }
    }

    /// How many jobs wait.
    func waiting(of userName: String, inGroup groupName: String) -> WaitingJobs {
        var waiting = WaitingJobs()
        for (kind, count) in counts where kind.phase == .pending {
            let isUsers = kind.owner.name == userName
            let isGroups = kind.groupName == groupName
            waiting.all += count
            waiting.ofUser += isUsers ? count : 0
            waiting.ofGroup += isGroups ? count : 0
            waiting.ofUserInGroup += isUsers && isGroups ? count : 0
        }
        return waiting
    }

    func contains(_ id: JobID) -> Bool { positions[id] != nil }

    func summary(_ id: JobID) -> JobSummary? { positions[id].map { summaries[$0] } }

    /// What the jobs being prepared or running hold.
    var holdings: [SchedulingPlan.Holding] {
        live.values.filter(\.job.holdsResources).map {
            SchedulingPlan.Holding(
                demand: $0.job.spec.instanceType.demand, gpus: $0.job.heldGPUs, userName: $0.job.spec.user.name,
                groupName: $0.job.spec.groupName)
        }
    }

    private static func candidate(_ record: JobRecord) -> SchedulingPlan.Candidate {
        var candidate = SchedulingPlan.Candidate(
            id: record.job.id, demand: record.job.spec.instanceType.demand, userName: record.job.spec.user.name,
            groupName: record.job.spec.groupName)
        if case .pending(let pending) = record.job.state {
            candidate.priority = pending.priority
            candidate.isHeld = pending.hold != nil
        }
        return candidate
    }

    private mutating func count(_ summary: JobSummary, _ change: Int) {
        let kind = Kind(summary)
        let count = counts[kind, default: 0] + change
        counts[kind] = count > 0 ? count : nil
    }

    private mutating func remember(_ summary: JobSummary) {
        guard let key = summary.idempotencyKey else { return }
        submissions[SubmissionKey(owner: summary.owner, key: key)] = summary.id
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
