/// What of the node is kept for jobs that wait, so that later ones do not delay them.
///
/// Capacity is kept for the first job that waits for GPUs and for the first that needs none, and for those that an
/// earlier plan kept some for: they would never start if it were given away again at each plan. All others only wait,
/// and what fits beside the kept capacity starts.
///
/// A kept share is the job's whole demand. But CPUs and memory beside GPUs that it does not have would lie idle until
/// it gets them: what the jobs that end will give back with their GPUs is not kept beside it.
struct Reservations {
    /// What is kept for a job that waits.
    enum Kept {
        case share(ResourceAmount)
        /// Nothing but GPUs: jobs do not have as many to give back, and how long others stay busy outside is not known.
        case gpus
        case nothing
    }

    /// The jobs that a later plan must go on keeping capacity for, in the order in which that began.
    private(set) var jobs: [JobID] = []
    /// Jobs that capacity is kept for, though no other job is held up by that so far.
    private var gathering: [JobID] = []
    private var keepsForGPUs = false
    private var keepsForOthers = false
    /// The GPUs that are free or held by jobs.
    private let gpus: Int
    /// What would be free if nothing were kept.
    private var unkept: ResourceAmount
    /// What the end of a job certainly gives back beside each of its GPUs.
    private var besideGPU: (cpu: Int64, memory: Int64)?

    /// - Parameters:
    ///   - gpus: how many GPUs are free or held by jobs; not those that are busy outside.
    ///   - held: the jobs being prepared or running.
    ///   - free: what they leave.
    init(gpus: Int, held: [SchedulingPlan.Holding], free: ResourceAmount) {
        self.gpus = gpus
        unkept = free
        for holding in held { noteGPUs(of: holding.demand) }
    }

    /// A job gets its share.
    mutating func start(_ demand: ResourceAmount) {
        unkept = unkept - demand
        noteGPUs(of: demand)
    }

    private mutating func noteGPUs(of demand: ResourceAmount) {
        guard demand.gpus > 0 else { return }
        let gpus = Int64(demand.gpus)
        let (cpu, memory) = (demand.cpu.milli / gpus, demand.memory.bytes / gpus)
        besideGPU = (min(cpu, besideGPU?.cpu ?? cpu), min(memory, besideGPU?.memory ?? memory))
    }

    /// A job does not fit in `free`, and waits.
    ///
    /// - Parameter isReserved: whether an earlier plan kept capacity for it.
    mutating func wait(_ job: SchedulingPlan.Candidate, free: ResourceAmount, isReserved: Bool) -> Kept {
        if job.demand.fits(in: unkept) { confirm() }
        let isFirst = job.demand.gpus > 0 ? !keepsForGPUs : !keepsForOthers
        guard isFirst || isReserved else { return .nothing }
        if job.demand.gpus > 0 { keepsForGPUs = true } else { keepsForOthers = true }
        if isReserved {
            jobs.append(job.id)
        } else if job.demand.isPartlyThere(in: free) {
            gathering.append(job.id)
        }
        return share(job.demand, free: free)
    }

    /// A job is held up by what is kept: from now on that stays kept.
    private mutating func confirm() {
        jobs += gathering
        gathering = []
    }

    private func share(_ demand: ResourceAmount, free: ResourceAmount) -> Kept {
        let missing = Int64(demand.gpus - free.gpus)
        guard missing > 0 else { return .share(demand) }
        guard gpus >= demand.gpus else { return .gpus }
        let back = besideGPU ?? (0, 0)
        return .share(
            ResourceAmount(
                cpu: CPUAmount(milli: max(0, demand.cpu.milli - missing * back.cpu)),
                memory: MemorySize(bytes: max(0, demand.memory.bytes - missing * back.memory)), gpus: demand.gpus))
    }
}

extension ResourceAmount {
    /// Whether some, but not enough, of a resource that this asks for is there.
    func isPartlyThere(in free: ResourceAmount) -> Bool {
        (cpu > free.cpu && free.cpu.milli > 0) || (memory > free.memory && free.memory.bytes > 0)
            || (gpus > free.gpus && free.gpus > 0)
    }
}
