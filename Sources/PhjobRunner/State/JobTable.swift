import PhjobCore
import PhjobStore

/// All jobs: the records of those that are not done with, and summaries of the rest. A value without I/O.
struct JobTable: Sendable {
    /// A user's key for one submission.
    struct SubmissionKey: Hashable, Sendable {
        let userName: String
        let key: String
    }

    /// Jobs that have not ended, or are not cleaned up.
    private(set) var live: [JobID: JobRecord] = [:]
    private(set) var ended: [JobID: JobSummary] = [:]
    /// All ids by the time of creation, oldest first.
    private(set) var order: [JobID] = []
    /// The jobs that wait, first come first.
    private(set) var queue: [JobID] = []
    private(set) var submissions: [SubmissionKey: JobID] = [:]
    /// The latest time of creation.
    private(set) var latestCreateTime = Timestamp(milliseconds: 0)

    /// Fills an empty table with what was found on disk, in any order.
    mutating func fill(live records: [JobRecord], ended summaries: [JobSummary]) {
        for record in records { live[record.job.id] = record }
        for summary in summaries { ended[summary.id] = summary }
        let all = records.map { JobSummary($0.job) } + summaries
        let sorted = all.sorted { ($0.createTime, $0.id.text) < ($1.createTime, $1.id.text) }
        order = sorted.map(\.id)
        queue = sorted.filter { $0.phase == .pending }.map(\.id)
        latestCreateTime = sorted.last?.createTime ?? latestCreateTime
        for summary in sorted { remember(summary) }
    }

    /// A time for a job created at `now`: later than any other job's, so that the order of jobs is certain.
    func createTime(at now: Timestamp) -> Timestamp {
        max(now, Timestamp(milliseconds: latestCreateTime.milliseconds + 1))
    }

    mutating func add(_ record: JobRecord) {
        let id = record.job.id
        live[id] = record
        order.append(id)
        queue.append(id)
        latestCreateTime = record.job.createTime
        remember(JobSummary(record.job))
    }

    /// Takes over a record that was saved.
    mutating func update(_ record: JobRecord) {
        let id = record.job.id
        if record.job.phase != .pending, let index = queue.firstIndex(of: id) { queue.remove(at: index) }
        if case .ended(let state) = record.job.state, state.isCleanedUp {
            live[id] = nil
            ended[id] = JobSummary(record.job)
        } else {
            live[id] = record
        }
    }

    func contains(_ id: JobID) -> Bool { live[id] != nil || ended[id] != nil }

    func summary(_ id: JobID) -> JobSummary? { live[id].map { JobSummary($0.job) } ?? ended[id] }

    /// What the jobs being prepared or running hold.
    var holdings: [SchedulingPlan.Holding] {
        live.values.filter(\.job.holdsResources).map {
            SchedulingPlan.Holding(demand: $0.job.spec.instanceType.demand, gpus: $0.job.heldGPUs)
        }
    }

    var candidates: some Sequence<SchedulingPlan.Candidate> {
        queue.lazy.compactMap { id in
            live[id].map { SchedulingPlan.Candidate(id: id, demand: $0.job.spec.instanceType.demand) }
        }
    }

    private mutating func remember(_ summary: JobSummary) {
        guard let key = summary.idempotencyKey else { return }
        submissions[SubmissionKey(userName: summary.userName, key: key)] = summary.id
    }
}
