import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem
import Synchronization

/// The only writer of jobs: takes an event, asks the state machine, saves the record, and only then has the effects run.
///
/// Everything that changes a job happens under one lock, with the record's fsync(2) inside it: what anybody is told is on
/// disk.
final class Supervisor: Sendable {
    struct State {
        var table = JobTable()
        var catalogue: Catalogue
        /// What is wrong with the catalogue's file; ``catalogue`` is then the one before.
        var catalogueProblem: PhjobError?
        /// What the node gives to jobs in all, whoever has it now.
        var capacity: ResourceAmount
        var gpus: GPUInventory
        var outlook = Outlook()
        /// The waiting jobs that the last plan keeps capacity for.
        var reserved: [JobID] = []
        /// Why an administrator lets nothing be started.
        var drain: Drain?
        /// How fast users have submitted.
        var rates: [String: SubmissionRate] = [:]
        /// How far the images of jobs being prepared have come.
        var progress: [JobID: String] = [:]
        /// Jobs that have ended and whose log is still being fetched from the engine.
        var logPending: Set<JobID> = []
        /// Why what is left of jobs that have ended cannot be removed; it is tried again.
        var cleanUpProblems: [JobID: String] = [:]
        /// When the next log goes, as far as somebody sees to it.
        var retentionTime: Timestamp?
        /// Counts changes that every caller may know of: of the catalogue, the GPUs, an administrator's pause.
        var revision: UInt64 = 0
        /// Counts the others.
        var changes = ChangeCounts()
        var isStopping = false
    }

    let state: Mutex<State>
    let mode: RunnerMode
    let users: any UserDirectory
    let store: JobStore
    let engines: EngineService
    let watchers = Watchers()
    let loop: EventLoop
    let log: EventLog
    let executor: EffectExecutor
    /// Held while the GPUs are looked at, so that many who need it look once.
    let gpuLook = Mutex(())
    let gpuPatience: Double
    let mountSources: MountSources
    /// Seconds after which a directory that cannot be reached is looked at again, while a job waits for it.
    let sourceInterval: Double

    /// - Parameters:
    ///   - removalPatience: seconds for which the removal of a container waits for others.
    ///   - damageTimeout: seconds that an engine which answers gets to describe a container that it has.
    ///   - shutdown: asks whether the machine, or the user's service manager, is being stopped.
    ///   - gpuPatience: seconds after which GPUs that are busy outside phjob are looked at again, while somebody waits.
    init(
        mode: RunnerMode = .personal, users: any UserDirectory = SystemUsers(), catalogue: Catalogue, store: JobStore,
        engines: EngineService, loop: EventLoop, log: EventLog, removalPatience: Double = 1.5,
        damageTimeout: Double = 60, shutdown: Shutdown = Shutdown(environment: [:]), gpuPatience: Double = 15,
        mountSources: MountSources? = nil, sourceInterval: Double = 10
    ) {
        let root = store.layout.root
        self.mountSources = mountSources ?? MountSources { $0.look(stateDirectory: root, mode: mode) }
        self.sourceInterval = sourceInterval
        self.mode = mode
        self.users = users
        self.gpuPatience = gpuPatience
        let gpus = Self.inventory(catalogue, engines, patience: gpuPatience)
        state = Mutex(
            State(catalogue: catalogue, capacity: Node.capacity(catalogue.node, gpus: gpus.count), gpus: gpus))
        self.store = store
        self.engines = engines
        self.loop = loop
        self.log = log
        executor = EffectExecutor(
            store: store, removalPatience: removalPatience, damageTimeout: damageTimeout, shutdown: shutdown)
    }

    static var now: Timestamp { Timestamp(milliseconds: WallClock.milliseconds) }

    /// Takes up where the last runner ended. The same events as in normal life follow.
    func recover() throws {
        var records: [JobRecord] = []
        var summaries: [JobSummary] = []
        var expired: [JobID] = []
        var damaged: [(JobID, any Error)] = []
        try store.survey { finding in
            switch finding {
            case .indexed(let summary): summaries.append(summary)
            case .record(let record):
                guard case .ended(let state) = record.job.state, state.isCleanedUp else {
                    records.append(record)
                    return false
                }
                summaries.append(JobSummary(record.job))
                if state.logExpireTime != nil, LogReader.exists(store.layout.job(record.job.id)) {
                    expired.append(record.job.id)
                    return false
                }
            case .unreadable(let id, let error):
                try refuseUnread(id, error)
                damaged.append((id, error))
                return false
            }
            return true
        }
        // Only now is it certain that all of them are ours to change.
        for (id, error) in damaged { setAside(id, because: error) }
        // Only what was live, or is still to be expired, can have been in the middle of a change.
        for record in records { try? store.removeTemporaries(of: record.job.id) }
        let jobs = records.map(\.job).filter { $0.phase != .pending }.sorted { $0.createTime < $1.createTime }
        let drain = try store.loadDrain()
        log.info("state-loaded", ["live": "\(records.count)", "ended": "\(summaries.count)"])
        state.withLock { state in
            state.table.fill(records: records, summaries: summaries)
            state.drain = drain
            state.logPending = Set(jobs.filter(\.phase.isFinal).map(\.id))
        }
        // Of a job that waits there is nothing to find out; one plan for all of them follows.
        for job in jobs {
            // What ran during another boot is decided before anyone is answered; the record cannot be saved on a full disk.
            if case .running(let running) = job.state, running.container.bootID != Boot.id,
                (try? apply(RecoveryDecision.nodeLost, to: job.id)) != nil
            {
                continue
            }
            report(.recovered, to: job.id)
        }
        plan()
        refreshGPUs()
        scheduleRetention()
        executor.onceAtATime("leftovers") { [self] in
            guard let engine = try? engines.find() else { return }
            do throws(EngineError) {
                try executor.imageFacts.removeLeftovers(engine: engine, stateID: store.stateID)
                try MonitorSweep(engine: engine, store: store, log: log).run { id in
                    state.withLock { $0.table.summary(id)?.phase.isFinal == true }
                }
            } catch {
                log.warning("leftovers-not-removed", ["why": error.description])
            }
        } then: {
        }
        // Before any job ends under this runner, so that nothing is removed twice at a time.
        if let names = try? store.trashNames() { TrashRemoval(store: store, log: log).start(names) }
        // Logs whose time was over, and whose removal was cut short.
        for id in expired { removeLog(of: id) }
    }

    /// - Throws: ``PhjobError`` if that a record was not read says nothing about the record itself.
    private func refuseUnread(_ id: JobID, _ error: any Error) throws {
        if let error = error as? SystemError, [EMFILE, ENFILE, ENOMEM].contains(error.number) {
            throw PhjobError(.unavailable, "the record of \(id) cannot be read: \(error)", hint: "try again")
        }
        if case JobRecordCoding.Failure.newerSchema(let number) = error {
            throw PhjobError(
                .unavailable, "the record of \(id) was written by a newer phjob (schema \(number))",
                hint: "use that one; this one would lose what it does not know")
        }
    }

    private func setAside(_ id: JobID, because error: any Error) {
        log.error("record-set-aside", ["job": id.text, "why": "\(error)"])
        do {
            try store.setAside(id.text, because: "\(error)")
        } catch {
            // Where it is, it is only not listed.
            log.error("record-not-set-aside", ["job": id.text, "why": "\(error)"])
        }
    }

    /// Applies an event, saves the record and starts the effects.
    ///
    /// - Throws: ``IllegalTransition`` if the job's phase rules the event out, ``PhjobError`` if there is no such job,
    ///   ``SystemError`` if the record cannot be saved. Then nothing has changed and nothing was started.
    @discardableResult
    func apply(_ event: JobEvent, to id: JobID) throws -> Job {
        let now = Self.now
        let (job, effects) = try state.withLock { state -> (Job, [JobEffect]) in
            guard state.table.contains(id) else {
                throw PhjobError(.notFound, "there is no job \(id)", hint: "see 'phjob list'")
            }
            var record = try state.table.live[id] ?? load(id)
            let before = record.job
            let effects = try record.job.handle(event, at: now)
            if record.job != before { try save(&record, before: before, in: &state) }
            return (record.job, effects)
        }
        perform(effects, for: job)
        return job
    }

    /// Reads a record that memory has only a summary of.
    func load(_ id: JobID) throws(PhjobError) -> JobRecord {
        do {
            return try store.load(id)
        } catch {
            throw PhjobError(.unavailable, "the record of \(id) cannot be read: \(error)", hint: "see 'phjob doctor'")
        }
    }

    /// Reports what happened outside. It has happened, so this goes on trying until the record can be saved.
    func report(_ event: JobEvent, to id: JobID) {
        var backoff = Backoff(first: 0.2, longest: 10)
        while true {
            do {
                try apply(event, to: id)
                return
            } catch let error as IllegalTransition {
                log.error("event-out-of-place", ["job": id.text, "why": error.description])
                return
            } catch let error as PhjobError {
                log.error("event-lost", ["job": id.text, "why": error.message])
                return
            } catch {
                log.error("record-not-saved", ["job": id.text, "why": "\(error)"])
                backoff.wait()
            }
        }
    }

    /// Starts what may start now.
    func plan() {
        var step = GPUStep.nothing
        var unseen: Set<MountSource> = []
        var absent: Set<String> = []
        let started = state.withLock { state -> [(Job, [JobEffect])] in
            if state.isStopping { return [] }
            let before = state.outlook
            defer {
                if state.outlook != before {
                    state.changes.queueChanged()
                    watchers.notifyOfOutlook()
                }
            }
            state.outlook.waiting = []
            state.outlook.overQuota = [:]
            // Nobody will look again whether what held jobs back is over.
            state.outlook.hold = nil
            state.outlook.absences = [:]
            if state.table.queue.isEmpty { return [] }
            state.outlook.absences = absences(in: state.catalogue)
            absent = state.waitingGroups(among: state.outlook.absences)
            state.outlook.hold = findHold(drain: state.drain)
            var plan: SchedulingPlan
            (plan, step) = Self.schedule(state)
            unseen = deferUnseen(&plan, state)
            state.outlook.waiting = plan.waiting
            state.outlook.overQuota = plan.overQuota
            state.outlook.shortage = plan.shortage
            state.reserved = plan.reserved
            let events =
                plan.rejections.map { ($0.id, JobEvent.foundUnschedulable(message: $0.message)) }
                + plan.starts.map { ($0.id, JobEvent.admitted(gpus: $0.gpus)) }
            var results: [(Job, [JobEffect])] = []
            for (id, event) in events {
                do {
                    guard var record = try waitingRecord(id, in: &state) else { continue }
                    let before = record.job
                    let effects = try record.job.handle(event, at: Self.now)
                    try save(&record, before: before, in: &state)
                    results.append((record.job, effects.filter { $0 != .plan }))
                } catch {
                    log.error("job-not-started", ["job": id.text, "why": "\(error)"])
                    state.outlook.hold = Outlook.Hold(
                        reason: .waitingForSpace, message: "its record cannot be saved: \(error)")
                    break
                }
            }
            return results
        }
        for (job, effects) in started { perform(effects, for: job) }
        perform(step)
        lookAtSources(unseen)
        lookAtSourcesLater(of: absent)
        lookAgainLater()
    }

    /// The record of a job that waits, from the disk; nil if it is damaged and the job was set aside.
    private func waitingRecord(_ id: JobID, in state: inout State) throws -> JobRecord? {
        do {
            return try store.load(id)
        } catch {
            try refuseUnread(id, error)
            setAside(id, because: error)
            state.table.remove([id])
            return nil
        }
    }

    private func save(_ record: inout JobRecord, before: Job, in state: inout State) throws {
        try store.save(&record)
        state.table.update(record)
        state.changes.jobChanged(state.table.summary(record.job.id))
        let job = record.job
        if case .ended(let ended) = job.state, ended.isCleanedUp, ended.logExpireTime == nil {
            store.enter(JobSummary(job))
        }
        if before.phase != job.phase {
            state.progress[job.id] = nil
            if job.phase.isFinal { state.logPending.insert(job.id) }
            log.info(
                "job",
                ["id": job.id.text, "phase": job.phase.rawValue, "reason": job.history.last?.reason.rawValue ?? ""])
        }
        watchers.notify(job.id)
    }

    private func perform(_ effects: [JobEffect], for job: Job) {
        for effect in effects where effect != .plan { executor.perform(effect, for: job, of: self) }
        if effects.contains(.plan) { plan() }
    }

    private func findHold(drain: Drain?) -> Outlook.Hold? {
        if let drain { return Outlook.Hold(reason: .drained, message: drain.message) }
        guard let engine = engines.current else {
            let why = engines.problem?.description ?? "the container engine is being looked for"
            return Outlook.Hold(reason: .waitingForEngine, message: why)
        }
        do {
            try store.keepReserve()
        } catch {
            return Outlook.Hold(
                reason: .waitingForSpace,
                message:
                    "the disk of \(store.layout.root) is full; jobs wait until there is room on it (\(error.description))"
            )
        }
        let places = [store.layout.root, engine.facts.storageDirectory].compactMap(\.self)
        return places.lazy.compactMap { Node.spaceProblem(at: $0) }.first.map {
            Outlook.Hold(reason: .waitingForSpace, message: $0)
        }
    }

    /// What holds all jobs back ends without an event, so it is looked at again while somebody waits.
    private func lookAgainLater() {
        guard let hold = state.withLock({ $0.table.queue.isEmpty || $0.isStopping ? nil : $0.outlook.hold }),
            hold.reason != .drained
        else { return }
        executor.onceAtATime("hold") { [self] in
            if hold.reason == .waitingForEngine, (try? engines.find()) != nil { return }
            var backoff = Backoff(first: 5, longest: 5)
            backoff.wait()
        } then: { [self] in
            plan()
        }
    }

    func setProgress(_ text: String?, of id: JobID) {
        state.withLock { state in
            guard state.table.live[id]?.job.phase == .preparing else { return }
            state.progress[id] = text
            state.changes.jobChanged(state.table.summary(id))
        }
        watchers.notify(id)
    }

    /// - Parameter text: why something of a job that has ended cannot be removed; `nil` once it is.
    func setCleanUpProblem(_ text: String?, of id: JobID) { state.withLock { $0.cleanUpProblems[id] = text } }

    func logIsComplete(of id: JobID) {
        state.withLock { state in
            state.logPending.remove(id)
            state.changes.jobChanged(state.table.summary(id))
        }
        watchers.notify(id)
    }

    func job(_ id: JobID) -> Job? { state.withLock { $0.table.live[id]?.job } }

    /// Waits until nothing of the jobs that have ended is left to be cleaned up, but not for an engine that does not answer.
    func finishCleanUps(until deadline: Monotonic) {
        executor.containers.hurry()
        // By the records, which know of an end before anybody is told of it: the clean-up itself may not have begun.
        while state.withLock({ $0.table.live.values.contains { $0.job.phase.isFinal } }), .now < deadline {
            usleep(10_000)
        }
    }

    /// Waits until no job runs that ends with its user's service manager. Docker's containers are its daemon's.
    func waitForJobsOfTheUser(until deadline: Monotonic) {
        let isOne = { (job: Job) in job.phase == .running && job.image?.engine == EngineName.podman.rawValue }
        while state.withLock({ $0.table.live.values.contains { isOne($0.job) } }), .now < deadline {
            usleep(20_000)
        }
    }

    /// Starts nothing any more.
    func stopPlanning() { state.withLock { $0.isStopping = true } }
}
