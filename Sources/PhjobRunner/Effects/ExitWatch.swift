import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Waits for the end of a job's container, and for its deadline.
///
/// The kernel tells the end of the container's first process by a pidfd, at no cost while the job runs.
struct ExitWatch {
    private let context: EffectContext

    init(_ context: EffectContext) {
        self.context = context
    }

    func begin() {
        guard case .running(let running) = context.job.state else { return }
        if running.image.engine == EngineName.podman.rawValue { context.countLogRotations() }
        if let found = context.executor.takeEnd(of: context.id) {
            return WorkerThread.start("collect") { [context] in
                context.reportEnd(.exited(found.exit.explained(containerID: found.id)))
            }
        }
        let loop = context.supervisor.loop
        var tokens: [EventLoop.Token] = []
        if let deadline = running.deadline, running.intent == nil {
            let seconds = max(0, deadline.seconds(since: Supervisor.now))
            tokens.append(
                loop.schedule(at: Monotonic.now.adding(seconds: seconds)) { [context] in
                    WorkerThread.start("deadline") { context.report(.deadlinePassed) }
                })
        }
        // Set before anything can find the end, which takes them back.
        context.executor.setWatches(tokens, of: context.id, in: loop)
        if let process = running.container.process {
            guard let descriptor = PidDescriptor.open(pid: process.pid, startTicks: process.startTicks) else {
                return collect(running)
            }
            let memory = MemoryWatch(context, running)
            let monitor = (try? context.findEngine())?.facts.monitorProgram.flatMap {
                ContainerMonitor(ofProcess: process.pid, program: $0)
            }
            memory?.begin()
            let token = loop.onceReadable(descriptor) { [self] in
                let end = memory?.end
                collect(running, usage: end?.usage, monitor: monitor) {
                    memory?.conclusion(counted: end?.countedKills)
                }
            }
            context.executor.addWatch(token, of: context.id, in: loop)
        } else {
            WorkerThread.start("wait") { [self] in waitByEngine(running) }
        }
        if running.intent == nil { ScratchWatch(context)?.begin() }
    }

    /// - Parameters:
    ///   - monitor: the container's, if it was seen.
    ///   - kills: how many processes were killed because the memory was used up. May block; nil if the control group cannot tell.
    private func collect(
        _ running: RunningJob, usage: JobOutcome.Usage? = nil, monitor: ContainerMonitor? = nil,
        kills: @escaping @Sendable () -> Int64? = { nil }
    ) {
        context.executor.endWatches(of: context.id, in: context.supervisor.loop)
        WorkerThread.start("collect") { [context] in
            // A command that ends at once may be gone, and its monitor with it, before anybody could look.
            let notice = (try? context.findEngine())?.exitNotice(
                of: running.container.id, job: context.id, in: context.store.layout.jobs, monitor: monitor)
            ExitCollection(context, running).run(usage: usage, notice: notice, kills: kills)
        }
    }

    /// Where the container's process cannot be seen from here, a client of the engine waits in its place.
    private func waitByEngine(_ running: RunningJob) {
        var backoff = Backoff(first: 0.5, longest: 10)
        while context.supervisor.job(context.id)?.phase == .running {
            guard let engine = context.engine() else { return }
            // That it returns proves nothing, and that it fails neither.
            try? engine.wait(context.handle)
            if ExitCollection(context, running).run(usage: nil, kills: { nil }, isCertain: false) {
                return context.executor.endWatches(of: context.id, in: context.supervisor.loop)
            }
            backoff.wait()
        }
    }
}
