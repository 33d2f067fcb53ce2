import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobTestSupport

/// What a runner's clients were told, against which everything that they are told later is held.
struct Ledger {
    /// The jobs whose submission was answered, by idempotency key.
    private(set) var acknowledged: [String: JobID] = [:]
    private var finals: [JobID: JobView] = [:]
    /// Answers that said no.
    private(set) var refusals: [PhjobError] = []

    mutating func acknowledge(_ view: JobView, key: String) throws {
        if let earlier = acknowledged[key], earlier != view.id {
            throw Failure(description: "the key \(key) stands for \(earlier) and \(view.id)")
        }
        acknowledged[key] = view.id
        try see(view)
    }

    mutating func refuse(_ error: PhjobError) throws {
        guard error.code == .unavailable, error.hint != nil else {
            throw Failure(description: "a refusal that helps nobody: \(error.code) \(error)")
        }
        refusals.append(error)
    }

    /// A final phase never changes, nor does what is known of the end.
    mutating func see(_ view: JobView) throws {
        if let final = finals[view.id] {
            let isSame =
                final.phase == view.phase && final.reason == view.reason && final.exitCode == view.exitCode
                && final.finishTime == view.finishTime && final.message == view.message
            guard isSame else { throw Failure(description: "the end has changed from \(final) to \(view)") }
        } else if view.phase.isFinal {
            finals[view.id] = view
        }
    }

    /// All jobs there are: those that were acknowledged, each once, and no others.
    ///
    /// - Parameter isSettled: whether every submission was answered, so that there can be no job of one that was not.
    mutating func see(all views: [JobView], others: Set<JobID>, isSettled: Bool) throws {
        for view in views { try see(view) }
        let ids = Set(views.map(\.id)).subtracting(others)
        let missing = Set(acknowledged.values).union(others).subtracting(views.map(\.id))
        guard missing.isEmpty else { throw Failure(description: "acknowledged, and lost: \(missing)") }
        guard !isSettled || ids.count == acknowledged.count else {
            throw Failure(description: "jobs that nobody was told of: \(ids.subtracting(acknowledged.values))")
        }
        let keys = views.compactMap(\.idempotencyKey)
        guard Set(keys).count == keys.count else { throw Failure(description: "two jobs of one key: \(keys)") }
    }
}
