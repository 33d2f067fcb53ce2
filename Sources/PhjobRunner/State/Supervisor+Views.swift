import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem
import Synchronization

/// What callers are shown.
extension Supervisor {
    /// A job with what is known of it beside its record.
    func view(_ job: Job) -> JobView {
        let unenforced = engines.current?.facts.unenforcedLimits ?? []
        let layout = store.layout.job(job.id)
        var circumstances = JobView.Circumstances(
            logExists: job.phase != .pending && LogReader.exists(layout), unenforcedLimits: unenforced)
        if circumstances.logExists {
            circumstances.logDropped = LogDropped(of: layout).map { JobView.LogLoss(words: $0.text, bytes: $0.dropped) }
        }
        state.withLock { state in
            circumstances.logIsComplete = !state.logPending.contains(job.id)
            switch job.phase {
            case .pending:
                let position = state.outlook.waiting.firstIndex(of: job.id)
                circumstances.queuePosition = position.map { $0 + 1 }
                if case .pending(let pending) = job.state, pending.hold != nil {
                    // Its own view says so.
                } else if let hold = state.outlook.hold {
                    (circumstances.reason, circumstances.message) = (hold.reason, hold.message)
                } else if let absence = state.outlook.absences[job.spec.groupName] {
                    circumstances.reason = .waitingForStorage
                    circumstances.message = "waits: \(absence)"
                } else if let over = state.outlook.overQuota[job.id] {
                    circumstances.reason = .waitingForQuota
                    circumstances.message = QuotaUsage(state.table.holdings).words(
                        over, job.spec.instanceType.demand,
                        state.catalogue.group(named: job.spec.groupName)?.quotas ?? GroupQuotas(),
                        userName: job.spec.user.name, groupName: job.spec.groupName)
                } else if let position {
                    circumstances.reason = position == 0 ? .waitingForResources : .waitingForTurn
                    circumstances.message = SchedulingPlan.message(position: position, shortage: state.outlook.shortage)
                }
            case .preparing:
                circumstances.message = state.progress[job.id]
            case .running, .succeeded, .failed, .cancelled, .unknown:
                break
            }
        }
        return JobView(job, circumstances)
    }

    /// How many of these jobs have ended.
    func countFinal(_ ids: [JobID]) -> Int {
        state.withLock { state in ids.filter { state.table.summary($0)?.phase.isFinal ?? true }.count }
    }

    /// The answer to a submission, with what is to be known of this machine before what is to be known of the job.
    func withWarnings(_ view: JobView) -> JobView {
        // Who submits to an ordinary user's runner is that user; root's jobs are the machine's.
        let logOut = geteuid() == 0 ? nil : LogOutEffect.here(for: view.userName)
        let warnings =
            SubmissionWarnings.texts(
                engine: engines.current?.facts, logOut: logOut, drain: state.withLock(\.drain))
            + (view.warnings ?? [])
        var view = view
        view.warnings = warnings.isEmpty ? nil : warnings
        return view
    }

    func catalogueView(caller: Caller) -> CatalogueView {
        state.withLock { state in
            CatalogueView(state.catalogue, caller: caller, free: Self.free(state), capacity: state.capacity)
        }
    }

    /// - Parameter caller: who is no administrator is not told of other people's jobs.
    func status(_ configuration: RunnerConfiguration, startTime: Timestamp, caller: Caller) -> RunnerStatus {
        let engine = engines.current.map { engine in
            RunnerStatus.Engine(
                name: engine.facts.name.rawValue, version: engine.facts.version, isRootless: engine.facts.isRootless,
                cgroupVersion: engine.facts.cgroupVersion, unenforcedLimits: engine.facts.unenforcedLimits)
        }
        // Who asks again is told what is so by then.
        if engine == nil { lookForEngine() }
        let quarantined = !caller.isAdministrator ? [] : store.quarantined().map { "\($0.name): \($0.reason)" }
        return state.withLock { state in
            var counts: [String: Int] = [:]
            let access = Access(caller, state.catalogue)
            for (kind, count) in state.table.counts
            where access.maySee(kind.owner, groupName: kind.groupName) {
                counts[kind.phase.rawValue, default: 0] += count
            }
            var status = RunnerStatus(
                version: configuration.version, pid: getpid(), startTime: startTime,
                stateDirectory: configuration.stateDirectory, catalogue: configuration.cataloguePath,
                catalogueProblems: state.catalogueProblem.map {
                    [caller.isAdministrator ? $0.message : "it has mistakes, and the one before it stays in force"]
                } ?? [], engine: engine,
                engineProblem: engine == nil ? engines.problem?.description : nil,
                startsHeldBecause: state.drain?.message ?? state.outlook.hold?.message,
                mode: mode == .system ? "system" : "personal", drain: state.drain,
                capacity: RunnerStatus.Amount(state.capacity), free: RunnerStatus.Amount(Self.free(state)),
                jobs: counts,
                quarantined: quarantined)
            status.gpuProblem = state.gpus.survey.problem
            if caller.isAdministrator, !state.cleanUpProblems.isEmpty {
                status.cleanUpProblems = state.cleanUpProblems.map { "\($0.key): \($0.value)" }.sorted()
            }
            if mode == .personal {
                let choice = EngineProbe.choice(of: configuration.environment, state.catalogue.engine)
                status.engineEnvironment = choice.isEmpty ? nil : choice
            }
            return status
        }
    }

    private static func free(_ state: State) -> ResourceAmount {
        state.capacity - state.table.holdings.reduce(.zero) { $0 + $1.demand }
    }
}

extension Supervisor.State {
    /// What tells a caller whether something has changed that they may know of.
    func revision(for access: Access) -> UInt64 {
        let isWaiting = table.counts.keys.contains {
            $0.phase == .pending && access.maySee($0.owner, groupName: $0.groupName)
        }
        return changes.revision(for: access, common: revision, isWaiting: isWaiting)
    }
}
