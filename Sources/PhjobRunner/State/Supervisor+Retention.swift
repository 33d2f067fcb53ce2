import PhjobCore
import PhjobStore
import PhjobSystem
import Synchronization

extension Supervisor {
    /// Removes the logs whose time is over, and comes back when the next one's is.
    func scheduleRetention() {
        // One time for the whole round: what is over by then and still there afterwards is what failed.
        let now = Self.now
        executor.onceAtATime("retention") { [self] in
            for id in expiredLogs(at: now) {
                do {
                    try apply(.logExpired, to: id)
                } catch {
                    // The others' time is over too.
                    log.error("log-not-expired", ["job": id.text, "why": "\(error)"])
                }
            }
        } then: { [self] in
            executor.replaceTimer("retention", in: loop) {
                state.withLock { state in
                    state.retentionTime = RetentionPolicy.nextRound(
                        after: now, state.table.summaries.lazy.compactMap(\.logExpiry))
                    return state.retentionTime.map { time in
                        let seconds = max(time.seconds(since: Self.now), 1)
                        // At most a day at a time, so that a clock that is set forward is noticed.
                        return Monotonic.now.adding(seconds: min(seconds, 86_400))
                    }
                }
            } fire: { [self] in
                scheduleRetention()
            }
        }
    }

    /// Sees to it that the log of a job that is done with goes in time. Jobs mostly end in the order in which their logs go,
    /// so that there is mostly nothing to do.
    func scheduleRetention(of id: JobID) {
        let isEarlier = state.withLock { state in
            guard let expiry = state.table.summary(id)?.logExpiry else { return false }
            return state.retentionTime.map { expiry < $0 } ?? true
        }
        if isEarlier { scheduleRetention() }
    }

    /// Removes the files of a job's log, the last thing that happens to a job.
    func removeLog(of id: JobID) {
        do {
            try store.remove(JobLayout.logNames, of: id)
            // An earlier runner may have died while it wrote that the job was done with.
            try store.removeTemporaries(of: id)
            // Only now is nothing left to be done about the job.
            state.withLock { state in
                if let summary = state.table.summary(id) { store.enter(summary) }
            }
        } catch {
            log.warning("log-not-removed", ["job": id.text, "why": "\(error)"])
        }
    }

    private func expiredLogs(at now: Timestamp) -> [JobID] {
        state.withLock { state in
            state.table.summaries.filter { $0.logExpiry.map { $0 <= now } ?? false }.map(\.id)
        }
    }

    /// Takes over a catalogue that was read again.
    func use(_ catalogue: Catalogue) {
        engines.use(catalogue.engine)
        let earlier = state.withLock(\.gpus)
        let gpus = Self.inventory(catalogue, engines, patience: gpuPatience, earlier: earlier)
        state.withLock { state in
            state.catalogue = catalogue
            state.catalogueProblem = nil
            state.capacity = Node.capacity(catalogue.node, gpus: gpus.count)
            state.gpus = gpus
            state.revision += 1
        }
        plan()
        refreshGPUs()
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
