import PhjobCore
import PhjobSystem
import Synchronization

extension Supervisor {
    /// Seconds until the removal of a log that failed is tried again.
    private static let retentionRetry = 3600.0

    /// Removes the logs whose time is over, and comes back when the next one's is.
    func scheduleRetention() {
        // One time for the whole round: what is over by then and still there afterwards is what failed.
        let now = Self.now
        executor.onceAtATime("retention") { [self] in
            for id in logExpiries().filter({ $0.time <= now }).map(\.id) {
                do {
                    try apply(.logExpired, to: id)
                } catch {
                    // The others' time is over too.
                    log.error("log-not-expired", ["job": id.text, "why": "\(error)"])
                }
            }
        } then: { [self] in
            executor.replaceTimer("retention", in: loop) {
                let waits = logExpiries().map {
                    $0.time <= now ? Self.retentionRetry : max($0.time.seconds(since: Self.now), 1)
                }
                // At most a day at a time, so that a clock that is set forward is noticed.
                return waits.min().map { Monotonic.now.adding(seconds: min($0, 86_400)) }
            } fire: { [self] in
                scheduleRetention()
            }
        }
    }

    private func logExpiries() -> [(id: JobID, time: Timestamp)] {
        state.withLock { state in
            state.table.ended.values.compactMap { summary in summary.logExpiry.map { (summary.id, $0) } }
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
        // Another engine is looked for now, and not when the next job comes.
        if engines.current == nil { lookForEngine() }
    }

    /// Keeps the catalogue in force that there is, and says why.
    func refuseCatalogue(_ problem: PhjobError) {
        state.withLock { $0.catalogueProblem = problem }
    }

    /// Has the engine looked for, by somebody who does not wait for the answer.
    func lookForEngine() {
        executor.onceAtATime("engine") { [self] in
            _ = try? engines.find()
        } then: { [self] in
            plan()
        }
    }
}
