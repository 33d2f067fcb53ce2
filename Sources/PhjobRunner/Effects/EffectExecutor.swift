import Dispatch
import Glibc
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem
import Synchronization

/// Runs the effects of jobs, each on a thread of its own: they wait for engines, disks and signals, and for nobody
/// else.
///
/// Results go back to the supervisor as events.
final class EffectExecutor: Sendable {
    private struct State {
        /// The preparations under way.
        var preparations: [JobID: UnderWay] = [:]
        /// What of a running job is registered with the event loop.
        var watches: [JobID: [EventLoop.Token]] = [:]
        /// How containers ended that had ended before they could be watched.
        var ends: [JobID: ContainerInspection] = [:]
        /// Work of which there is never more than one at a time.
        var busy: Set<String> = []
        /// Threads that are at work on a launch.
        var launches = 0
    }

    /// A preparation that somebody may stop, and wait for.
    private struct UnderWay {
        let abandon: Wakeup
        let isOver = DispatchSemaphore(value: 0)
    }

    private let state = Mutex(State())
    private let timers = Mutex<[String: EventLoop.Token]>([:])
    let store: JobStore
    let images = ImageResolutions()
    let imageFacts = ImageFacts()
    let logCopies = LogCopies()
    let seccomp: JobSeccompProfile
    /// Engines slow down when more containers than this are started at once.
    let launchGate = DispatchSemaphore(value: 4)
    let containers: ContainerCalls
    let logRotations: LogRotations
    /// Dry runs that ask an engine at a time: a user may send hundreds.
    let dryRunGate = DispatchSemaphore(value: 2)

    /// One answer for all who ask together.
    private let shutdowns: Batcher<Void, Shutdown.Scope?>
    /// Seconds that an engine which answers gets to describe a container that it has.
    let damageTimeout: Double

    /// - Parameters:
    ///   - removalPatience: seconds for which the removal of a container waits for others.
    ///   - damageTimeout: see ``damageTimeout``.
    ///   - shutdown: asks whether the machine, or the user's service manager, is being stopped.
    init(store: JobStore, removalPatience: Double, damageTimeout: Double, shutdown: Shutdown) {
        self.store = store
        seccomp = JobSeccompProfile(directory: store.layout.cache)
        shutdowns = Batcher(limit: 1000) { calls in
            let scope = shutdown.underWay()
            return calls.map { scope }
        }
        self.damageTimeout = damageTimeout
        logRotations = LogRotations(store: store)
        containers = ContainerCalls(stateID: store.stateID, removalPatience: removalPatience)
    }

    func perform(_ effect: JobEffect, for job: Job, of supervisor: Supervisor) {
        let context = EffectContext(job: job, supervisor: supervisor, executor: self)
        switch effect {
        case .prepare: start("prepare") { Preparation(context).run() }
        case .abandonPreparation: state.withLock { $0.preparations[job.id] }?.abandon.signal()
        case .launch: start("launch") { Launch(context).run() }
        case .findLaunch, .findContainer: start("find") { Recovery(context).run() }
        case .watch: ExitWatch(context).begin()
        case .stop: start("stop") { Stop(context).run() }
        case .cleanUp: start("clean-up") { CleanUp(context).run() }
        case .removeLog: start("remove-log") { supervisor.removeLog(of: job.id) }
        case .plan: break
        }
    }

    private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        WorkerThread.start(name, body)
    }

    /// Where the files of a job's container are on this host.
    func files(of id: JobID) -> ContainerRequest.Files {
        let layout = store.layout.job(id)
        return ContainerRequest.Files(
            home: layout.home, temporary: layout.temporary, launcher: layout.launcher, mark: layout.mark,
            passwd: layout.passwd, group: layout.group, log: layout.log, pid: layout.pid)
    }

    /// Runs `work` on a thread, unless work of that name is under way; `then` follows when other work of the name may
    /// begin.
    func onceAtATime(_ name: String, _ work: @escaping @Sendable () -> Void, then: @escaping @Sendable () -> Void) {
        guard state.withLock({ $0.busy.insert(name).inserted }) else { return }
        start(name) { [self] in
            work()
            _ = state.withLock { $0.busy.remove(name) }
            then()
        }
    }

    /// Sets the one timer of a name.
    ///
    /// - Parameter time: asked under a lock, so that of several at once the one that knows the latest wins; nil for no
    /// change.
    func replaceTimer(
        _ name: String, in loop: EventLoop, at time: () -> Monotonic?, fire body: @escaping @Sendable () -> Void
    ) {
        timers.withLock { timers in
            guard let time = time() else { return }
            let token = loop.schedule(at: time, body)
            if let old = timers.updateValue(token, forKey: name) { loop.cancel(old) }
        }
    }

    /// Registers a preparation; it must be ended by ``endPreparation(of:)``.
    ///
    /// - Returns: what becomes readable when nobody wants it any more.
    func beginPreparation(of id: JobID) throws(SystemError) -> Wakeup {
        let wakeup = try Wakeup()
        state.withLock { $0.preparations[id] = UnderWay(abandon: wakeup) }
        return wakeup
    }

    func endPreparation(of id: JobID) {
        state.withLock { $0.preparations.removeValue(forKey: id) }?.isOver.signal()
    }

    /// Blocks while a job is being prepared, so that what is removed after it is not made again.
    func waitForPreparation(of id: JobID) {
        guard let isOver = state.withLock({ $0.preparations[id]?.isOver }) else { return }
        isOver.wait()
        isOver.signal()
    }

    func setWatches(_ tokens: [EventLoop.Token], of id: JobID, in loop: EventLoop) {
        let old = state.withLock { $0.watches.updateValue(tokens, forKey: id) }
        for token in old ?? [] { loop.cancel(token) }
    }

    /// Adds to what ``setWatches(_:of:in:)`` has set, or takes it back if ``endWatches(of:in:)`` has come in between.
    func addWatch(_ token: EventLoop.Token, of id: JobID, in loop: EventLoop) {
        let isKept = state.withLock { state in
            guard state.watches[id] != nil else { return false }
            state.watches[id]?.append(token)
            return true
        }
        if !isKept { loop.cancel(token) }
    }

    /// Registers something with the event loop in place of what has just fired.
    ///
    /// - Parameters:
    ///   - old: what has fired; nil to add another.
    ///   - register: gets a function that gives its own token when it fires.
    func replaceWatch(
        _ old: EventLoop.Token?, of id: JobID, in loop: EventLoop,
        _ register: (EventLoop, @escaping @Sendable () -> EventLoop.Token?) -> EventLoop.Token
    ) {
        let own = Holder()
        let token = register(loop) { own.token.withLock { $0 } }
        own.token.withLock { $0 = token }
        let isKept = state.withLock { state in
            guard state.watches[id] != nil else { return false }
            state.watches[id]?.removeAll { $0 == old }
            state.watches[id]?.append(token)
            return true
        }
        if !isKept { loop.cancel(token) }
    }

    private final class Holder: Sendable {
        let token = Mutex<EventLoop.Token?>(nil)
    }

    func endWatches(of id: JobID, in loop: EventLoop) {
        let old = state.withLock { $0.watches.removeValue(forKey: id) }
        for token in old ?? [] { loop.cancel(token) }
    }

    /// Keeps what the engine said of a container that has ended, for ``takeEnd(of:)``: it need not be asked again.
    func keepEnd(_ found: ContainerInspection, of id: JobID) { state.withLock { $0.ends[id] = found } }

    func takeEnd(of id: JobID) -> ContainerInspection? { state.withLock { $0.ends.removeValue(forKey: id) } }

    /// What systemd is ending now; asked afresh, and blocks.
    func shutdown() -> Shutdown.Scope? { shutdowns.call(()) }

    func countLaunch(_ change: Int) { state.withLock { $0.launches += change } }

    /// Whether an engine's client is at work on a launch.
    var isLaunching: Bool { state.withLock { $0.launches > 0 } }
}
