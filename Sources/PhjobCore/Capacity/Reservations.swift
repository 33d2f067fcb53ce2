/// What of the node is kept for jobs that wait, so that nobody behind them delays them.
///
/// A job that waits keeps its whole demand. But CPUs and memory beside GPUs that it does not have would lie idle until it gets them,
/// and a queue for two GPUs may be long. So of those that wait for GPUs only as many keep more than the GPUs as can have GPUs when jobs
/// end; and of what they need, what these jobs will give back with the GPUs is not kept beside it.
struct Reservations {
    /// The GPUs that are free or held by jobs, without those for which somebody waits already. Below zero if more wait than there are.
    private var claimable: Int
    /// What the end of a job certainly gives back beside each of its GPUs.
    private var besideGPU: (cpu: Int64, memory: Int64)?

    /// - Parameters:
    ///   - gpus: how many GPUs are free or held by jobs; not those that somebody outside has.
    ///   - held: the jobs being prepared or running.
    init(gpus: Int, held: [SchedulingPlan.Holding]) {
        claimable = gpus
        for holding in held { noteStart(of: holding.demand) }
    }

    /// A job has GPUs from now on.
    mutating func noteStart(of demand: ResourceAmount) {
        guard demand.gpus > 0 else { return }
        let gpus = Int64(demand.gpus)
        let (cpu, memory) = (demand.cpu.milli / gpus, demand.memory.bytes / gpus)
        besideGPU = (min(cpu, besideGPU?.cpu ?? cpu), min(memory, besideGPU?.memory ?? memory))
    }

    /// What is kept for a job that does not fit in `free` now; nil if it is nothing but its place in the queue for GPUs.
    mutating func keep(_ demand: ResourceAmount, free: ResourceAmount) -> ResourceAmount? {
        let missing = Int64(demand.gpus - free.gpus)
        let hasPlace = claimable >= demand.gpus
        claimable -= demand.gpus
        guard missing > 0 else { return demand }
        guard hasPlace else { return nil }
        let back = besideGPU ?? (0, 0)
        return ResourceAmount(
            cpu: CPUAmount(milli: max(0, demand.cpu.milli - missing * back.cpu)),
            memory: MemorySize(bytes: max(0, demand.memory.bytes - missing * back.memory)), gpus: demand.gpus)
    }
}
