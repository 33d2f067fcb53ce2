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
        var circumstances = JobView.Circumstances(
            logExists: job.phase != .pending && LogReader.exists(store.layout.job(job.id)), unenforcedLimits: unenforced
        )
        state.withLock { state in
            circumstances.logIsComplete = !state.logPending.contains(job.id)
            switch job.phase {
            case .pending:
                guard let position = state.table.queuePosition(of: job.id) else { return }
                circumstances.queuePosition = position + 1
                if let hold = state.hold {
                    (circumstances.reason, circumstances.message) = hold
                } else {
                    circumstances.reason = position == 0 ? .waitingForResources : .waitingForTurn
                    circumstances.message = SchedulingPlan.message(position: position, shortage: state.shortage)
                }
            case .preparing:
                circumstances.message = state.progress[job.id]
            case .running, .succeeded, .failed, .cancelled, .unknown:
                break
            }
        }
        return JobView(job, circumstances)
    }

    /// The answer to a submission.
    func withWarnings(_ view: JobView) -> JobView {
        // Who submits to an ordinary user's runner is that user; root's jobs are the machine's.
        let lingers = geteuid() == 0 ? nil : Lingering().isOn(for: view.userName)
        let warnings = SubmissionWarnings.texts(engine: engines.current?.facts, lingers: lingers)
        var view = view
        view.warnings = warnings.isEmpty ? nil : warnings
        return view
    }

    func catalogueView(user: JobSpec.User) -> CatalogueView {
        state.withLock { state in
            CatalogueView(
                state.catalogue, userName: user.name, free: Self.free(state), capacity: state.capacity)
        }
    }

    func status(_ configuration: RunnerConfiguration, startTime: Timestamp) -> RunnerStatus {
        let engine = engines.current.map { engine in
            RunnerStatus.Engine(
                name: engine.facts.name.rawValue, version: engine.facts.version, isRootless: engine.facts.isRootless,
                cgroupVersion: engine.facts.cgroupVersion, unenforcedLimits: engine.facts.unenforcedLimits)
        }
        let quarantined = store.quarantined().map { "\($0.name): \($0.reason)" }
        return state.withLock { state in
            var counts: [String: Int] = [:]
            for (kind, count) in state.table.counts { counts[kind.phase.rawValue, default: 0] += count }
            return RunnerStatus(
                version: configuration.version, pid: getpid(), startTime: startTime,
                stateDirectory: configuration.stateDirectory, catalogue: configuration.cataloguePath,
                catalogueProblems: state.catalogueProblem.map { [$0.message] } ?? [], engine: engine,
                engineProblem: engine == nil ? engines.problem?.description : nil,
                startsHeldBecause: state.hold?.message,
                capacity: RunnerStatus.Amount(state.capacity), free: RunnerStatus.Amount(Self.free(state)),
                jobs: counts,
                quarantined: quarantined)
        }
    }

    private static func free(_ state: State) -> ResourceAmount {
        state.capacity - state.table.holdings.reduce(.zero) { $0 + $1.demand }
    }
}
