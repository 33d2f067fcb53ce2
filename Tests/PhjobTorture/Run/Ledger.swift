import PhjobCore
import Synchronization

/// What was asked of the runner, and what it has answered. Clients write it, the checks read it.
final class Ledger: Sendable {
    struct Entry: Sendable {
        let plan: JobPlan
        /// The answer to its submission.
        var id: JobID?
        /// Whether the answer to its submission will never come; there may be such a job or not.
        var isLost = false
        var cancel = OutcomeCheck.Cancel.never
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        var clients = 0
        var violations: [Violation] = []
    }

    private let state = Mutex(State())

    /// Notes that a job's submission is about to be sent, for the first time.
    func send(_ plan: JobPlan) { state.withLock { $0.entries[plan.number] = Entry(plan: plan) } }

    /// Notes the answer to a submission. Every answer to the same one must name the same job.
    func acknowledge(_ plan: JobPlan, _ id: JobID) {
        state.withLock { state in
            if let other = state.entries[plan.number]?.id, other != id {
                state.violations.append(Violation(id, "\(plan.name) had already become \(other)"))
            }
            state.entries[plan.number]?.id = id
        }
    }

    /// Notes that the answer to a submission was lost, and is not asked for again.
    func lose(_ plan: JobPlan) { state.withLock { $0.entries[plan.number]?.isLost = true } }

    /// Notes that a cancellation was sent, or accepted. What is accepted stays so.
    func cancel(_ plan: JobPlan, _ cancel: OutcomeCheck.Cancel) {
        state.withLock { state in
            if state.entries[plan.number]?.cancel != .accepted { state.entries[plan.number]?.cancel = cancel }
        }
    }

    func report(_ violation: Violation) { state.withLock { $0.violations.append(violation) } }

    /// What clients have reported since the last call.
    func takeViolations() -> [Violation] {
        state.withLock { state in
            defer { state.violations = [] }
            return state.violations
        }
    }

    /// All that was ever sent, by the name of the job.
    var entries: [String: Entry] {
        state.withLock { Dictionary(uniqueKeysWithValues: $0.entries.values.map { ($0.plan.name, $0) }) }
    }

    func countClients(_ change: Int) { state.withLock { $0.clients += change } }

    /// How many clients still wait for answers.
    var clients: Int { state.withLock { $0.clients } }
}
