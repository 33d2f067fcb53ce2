import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem
import Synchronization

/// GPUs are looked at when a job could get one, and never while nobody waits for any.
extension Supervisor {
    /// What is known of the GPUs before they were looked at by this catalogue.
    ///
    /// - Parameter earlier: what was known by the one before.
    static func inventory(
        _ catalogue: Catalogue, _ engines: EngineService, patience: Double, earlier: GPUInventory? = nil
    ) -> GPUInventory {
        // While somebody waits each look is a new one.
        GPUInventory(catalogue, hasTool: engines.nvidiaSMI != nil, lifetime: patience / 3, earlier: earlier)
    }

    /// What is still to be done about GPUs after a plan.
    enum GPUStep: Sendable {
        case nothing
        /// They must have been seen before the plan can give some out.
        case look
        /// Somebody waits for GPUs that nothing will tell of when they become free.
        case lookAgainLater
    }

    /// Who may start now. GPUs are given out only as they were seen a moment ago.
    static func schedule(_ state: State) -> (plan: SchedulingPlan, step: GPUStep) {
        let away = state.outlook.absences
        let queue = away.isEmpty ? state.table.queue : state.table.queue.filter { away[$0.groupName] == nil }
        let holdings = state.table.holdings
        let held = holdings.flatMap(\.gpus)
        let earlier = SchedulingPlan.Earlier(turns: state.table.turns, reserved: state.reserved)
        func plan(_ gpus: [GPU], _ problem: String?) -> SchedulingPlan {
            SchedulingPlan(
                queue: queue, held: holdings,
                node: NodeCapacity(amount: state.capacity, gpus: gpus, gpuProblem: problem),
                quotas: state.catalogue.quotas, earlier: earlier, mayStart: state.outlook.hold == nil)
        }
        if state.gpus.isCurrent(at: .now, held: held) {
            let obstacle = state.gpus.obstacle(besides: held)
            let waitsForGPU = obstacle != nil && queue.contains { $0.demand.gpus > 0 }
            return (plan(state.gpus.offered(besides: held), obstacle), waitsForGPU ? .lookAgainLater : .nothing)
        }
        let hopeful = plan(state.gpus.imaginable(besides: held), nil)
        guard hopeful.starts.contains(where: { !$0.gpus.isEmpty }) else {
            return (hopeful, .nothing)
        }
        // A job that needs no GPU does not wait for the scan, unless one before it needs what it would take.
        let shown = plan(held, state.gpus.obstacle(besides: held) ?? "the others are being looked at")
        return (hopeful.withoutGPUStarts(shownAs: shown, earlier: earlier), .look)
    }

    /// Waits for the first look if a submission asks for GPUs, as what can never fit is refused at once.
    func countGPUs(for submission: JobSubmission) {
        let isNeeded = state.withLock { state in
            let name = submission.instanceType ?? state.catalogue.defaults.instanceType
            let type = state.catalogue.instanceTypes.first { $0.name == name }
            return state.gpus.isUnseen && (type?.gpuLimit ?? 0) > 0
        }
        if isNeeded { lookAtGPUs() }
    }

    func perform(_ step: GPUStep) {
        switch step {
        case .nothing: break
        case .look: refreshGPUs()
        case .lookAgainLater:
            executor.replaceTimer("gpus", in: loop) {
                Monotonic.now.adding(seconds: gpuPatience)
            } fire: { [self] in
                plan()
            }
        }
    }

    /// Has the GPUs looked at by somebody else, and then a plan made.
    func refreshGPUs() {
        guard state.withLock(\.gpus.isWatched) else { return }
        executor.onceAtATime("gpus") { [self] in
            lookAtGPUs()
        } then: { [self] in
            plan()
        }
    }

    /// The GPUs as they are now. Blocks for as long as `nvidia-smi` takes.
    func gpuList(caller: Caller) -> GPUList {
        lookAtGPUs()
        return state.withLock { state in
            let access = Access(caller, state.catalogue)
            let holders = state.table.live.values.map(\.job).filter(\.holdsResources)
            return GPUList(state.gpus.survey, holders: holders) { access.maySee(JobSummary($0)) }
        }
    }

    /// Looks at the GPUs, unless somebody has just done so. Blocks for as long as `nvidia-smi` takes.
    func lookAtGPUs() {
        gpuLook.withLock { _ in
            let (node, isNeeded) = state.withLock { state in
                let held = state.table.holdings.flatMap(\.gpus)
                return (state.catalogue.node, !state.gpus.isCurrent(at: .now, held: held))
            }
            guard isNeeded else { return }
            let reading = readGPUs()
            // Only now, as a job that has begun meanwhile may be in the reading.
            let holders = state.withLock { GPUHolders($0.table.live.values.map(\.job)) }
            let survey = reading.map { reading in
                GPUSurvey(
                    reading, processes: reading.processes.compactMap(Self.process), limit: node.gpus,
                    ignoredNames: Set(node.ignoredGPUProcesses), ours: holders.processes, unclear: holders.unclear)
            }
            take(survey, held: holders.held, if: node)
        }
    }

    private func take(
        _ survey: Result<GPUSurvey, NvidiaSMI.Failure>, held: [GPU], if node: Catalogue.NodeSettings
    ) {
        let before = state.withLock { state -> GPUSurvey? in
            // Of another catalogue it was not asked.
            guard state.catalogue.node == node, state.gpus.isWatched else { return nil }
            let before = state.gpus.survey
            let accepted = state.table.queue.map(\.demand.gpus).max() ?? 0
            state.gpus.take(survey, at: .now, held: held, accepted: accepted)
            state.capacity.gpus = state.gpus.count
            state.revision += 1
            return before
        }
        guard let before else { return }
        switch survey {
        case .success(let now) where now != before:
            let busy = now.obstacle(besides: []) ?? ""
            log.info("gpus", ["count": "\(now.devices.count)", "busy": busy])
        case .failure(let failure) where failure.description != before.problem:
            log.error("gpus-unknown", ["why": failure.description])
        case .success, .failure: break
        }
    }

    private func readGPUs() -> Result<GPUReading, NvidiaSMI.Failure> {
        guard let tool = engines.nvidiaSMI else {
            return .failure(NvidiaSMI.Failure(description: "nvidia-smi is not installed any more"))
        }
        do throws(NvidiaSMI.Failure) {
            return .success(try tool.read())
        } catch {
            return .failure(error)
        }
    }

    /// What the kernel knows of a process; nil if it has ended.
    private static func process(_ process: GPUReading.Process) -> GPUProcess? {
        let lineage = ProcessTable.lineage(of: process.pid).map {
            ContainerIdentity.ProcessIdentity(pid: $0.pid, startTicks: $0.startTicks)
        }
        if lineage.isEmpty, !ProcessTable.isHidden(process.pid) { return nil }
        let entry = ProcessTable.entry(of: process.pid)
        // The real one: a set-user-ID program is at work for the user who started it.
        let uid = entry?.uids?.real
        let userName = uid.map { uid in (try? UserAccount.find(uid: uid))?.name ?? "uid \(uid)" }
        return GPUProcess(process, program: program(process.pid, entry), userName: userName, lineage: lineage)
    }

    /// What a process runs; nil if the kernel does not tell, as it does not tell a runner of one person's of the files of others.
    /// The name of a program that root runs in a container can be believed wherever its file is.
    private static func program(_ pid: Int32, _ entry: ProcessEntry?) -> GPUProcess.Program? {
        guard let program = ProcessProgram(of: pid) else { return nil }
        let isRunByRoot = entry.map { $0.isInContainer && $0.uids?.areAll(0) == true } ?? false
        let isTrusted = program.isRoots || isRunByRoot && program.belongsToRoot
        return GPUProcess.Program(name: program.name, isRoots: isTrusted && !program.isSetID)
    }
}
