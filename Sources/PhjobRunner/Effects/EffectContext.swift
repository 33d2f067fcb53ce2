import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// What an effect works with.
struct EffectContext: Sendable {
    /// The job as it was when the effect was decided.
    let job: Job
    let supervisor: Supervisor
    let executor: EffectExecutor

    var id: JobID { job.id }
    var name: String { job.id.containerName }
    var store: JobStore { supervisor.store }
    var log: EventLog { supervisor.log }

    func report(_ event: JobEvent) {
        guard case .exited(let exit) = event else { return supervisor.report(event, to: id) }
        supervisor.report(.exited(marked(exit)), to: id)
    }

    /// The same exit with the launcher's mark and, where the command never began, with what the container printed
    /// instead.
    ///
    /// A missing mark is believed only in the boot that the container was started in: a power cut may have undone the
    /// mark.
    private func marked(_ exit: ContainerExit) -> ContainerExit {
        var exit = exit
        exit.hasBegun = store.commandHasBegun(id)
        guard exit.hasBegun == false else { return exit }
        guard job.containerBootID == Boot.id else {
            exit.hasBegun = nil
            return exit
        }
        exit.words = (try? findEngine())?.logEnd(job.containerID ?? name)
        return exit
    }

    /// The engine, as soon as there is one.
    ///
    /// - Parameter abandon: gives up when it becomes readable.
    /// - Returns: nil if it was given up.
    func engine(abandon: Descriptor? = nil) -> Engine? {
        var backoff = Backoff(first: 0.5, longest: 10)
        var isWaitingSaid = false
        while true {
            do throws(EngineError) {
                let engine = try findEngine()
                if isWaitingSaid { supervisor.setProgress(nil, of: id) }
                return engine
            } catch {
                sayWaiting(error)
                isWaitingSaid = true
            }
            backoff.wait(abandon: abandon)
            if let abandon, (try? Poll.readable([abandon.number], until: .now)) == [true] { return nil }
        }
    }

    /// Shows why a job that is being prepared or started gets no further.
    func sayWaiting(_ error: EngineError) {
        supervisor.setProgress("waits for the container engine: \(error)", of: id)
    }

    /// The engine that the job was started with, else the one for new jobs.
    func findEngine() throws(EngineError) -> Engine {
        guard let name = job.image?.engine.flatMap(EngineName.init) else { return try supervisor.engines.find() }
        return try supervisor.engines.find(name)
    }

    /// Counts what the engine drops of the job's log from now on.
    func countLogRotations() {
        executor.logRotations.begin(id, bound: job.spec.settings.logMaxSize.bytes / 2)
    }

    /// Whether a monitor of a container of the job lives, whatever the engine knows of the container.
    func hasMonitor(_ engine: Engine) -> Bool {
        engine.monitor(of: id, in: store.layout.jobs) != nil
    }

    /// Whether a client of the engine, of this runner's or of an earlier one's, is at work on the job's launch.
    var isBeingLaunched: Bool { FileLock.isHeld(path: store.layout.job(id).launch) }
}

extension Job {
    /// The boot in which its container was, or is about to be, started.
    fileprivate var containerBootID: String? {
        switch state {
        case .preparing(let preparing): preparing.launch?.bootID
        case .running(let running): running.container.bootID
        case .pending, .ended: nil
        }
    }

    /// The engine's id of its container, if that is recorded.
    fileprivate var containerID: String? {
        if case .running(let running) = state { running.container.id } else { nil }
    }

    /// The image that its container was, or is about to be, made of.
    var image: ResolvedImage? {
        switch state {
        case .pending: nil
        case .preparing(let preparing): preparing.launch?.image
        case .running(let running): running.image
        case .ended(let ended): ended.image
        }
    }
}
