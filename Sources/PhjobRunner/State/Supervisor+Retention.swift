import PhjobCore
import PhjobSystem
import Synchronization

extension Supervisor {
    /// Removes the logs whose time is over, and comes back when the next one's is.
    func scheduleRetention() {
        let now = Self.now
        let expiries = state.withLock { state in
            state.table.ended.values.compactMap { summary in summary.logExpiry.map { (summary.id, $0) } }
        }
        let due = expiries.filter { $0.1 <= now }.map(\.0)
        if !due.isEmpty {
            executor.onceAtATime("retention") { [self] in
                for id in due { report(.logExpired, to: id) }
            } then: { [self] in
                scheduleRetention()
            }
            return
        }
        guard let next = expiries.map(\.1).min() else { return }
        // At most a day at a time, so that a clock that is set forward is noticed.
        let wait = min(max(next.seconds(since: now), 1), 86_400)
        executor.replaceTimer("retention", in: loop, at: Monotonic.now.adding(seconds: wait)) { [self] in
            scheduleRetention()
        }
    }

    /// Takes over a catalogue that was read again.
    func use(_ catalogue: Catalogue) {
        engines.use(catalogue.engine)
        state.withLock { state in
            state.catalogue = catalogue
            state.catalogueProblem = nil
            state.capacity = Node.capacity(catalogue.node)
            state.revision += 1
        }
        plan()
    }

    /// Keeps the catalogue in force that there is, and says why.
    func refuseCatalogue(_ problem: PhjobError) {
        state.withLock { $0.catalogueProblem = problem }
    }
}
