/// What jobs have had over a time.
package struct UsageTotal: Sendable, Equatable {
    /// Jobs that ran in it.
    package var jobs = 0
    package var cpuSeconds = 0.0
    /// Gibibytes times seconds.
    package var memoryGiBSeconds = 0.0
    package var gpuSeconds = 0.0

    package init() {}

    /// Adds what a job had between two times: its whole instance type for as long as it ran, whatever it made of it.
    package mutating func add(_ job: JobSummary, from begin: Timestamp, to end: Timestamp) {
        guard let start = job.startTime else { return }
        let seconds = min(job.finishTime ?? end, end).seconds(since: max(start, begin))
        guard seconds >= 0, (job.finishTime ?? end) >= begin else { return }
        jobs += 1
        cpuSeconds += seconds * Double(job.demand.cpu.milli) / 1000
        memoryGiBSeconds += seconds * Double(job.demand.memory.bytes) / Double(1 << 30)
        gpuSeconds += seconds * Double(job.demand.gpus)
    }
}
