import PhjobCore

/// Which GPUs jobs hold, and by which processes their containers are known.
struct GPUHolders: Sendable {
    private(set) var held: [GPU] = []
    /// The first processes of the containers of running jobs.
    private(set) var processes: Set<ContainerIdentity.ProcessIdentity> = []
    /// GPUs of jobs whose first process is not known, as while they are launched.
    private(set) var unclear: [GPU] = []

    init(_ jobs: some Sequence<Job>) {
        for job in jobs where job.holdsResources {
            held += job.heldGPUs
            if case .running(let running) = job.state, let process = running.container.process {
                processes.insert(process)
            } else {
                unclear += job.heldGPUs
            }
        }
    }
}
