import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// After the end: completes the log, removes the container and the scratch directory.
struct CleanUp {
    private let context: EffectContext
    /// How often an engine that answers is asked for a log that it fails to hand over.
    private static let patience = 6

    init(_ context: EffectContext) {
        self.context = context
    }

    func run() {
        guard case .ended(let ended) = context.job.state else { return }
        context.executor.waitForPreparation(of: context.id)
        context.executor.logRotations.end(context.id)
        var logIncomplete: String?
        if ended.mayHaveContainer {
            logIncomplete = collectLog(ended)
            context.supervisor.logIsComplete(of: context.id)
            removeContainer(ended)
        } else {
            context.supervisor.logIsComplete(of: context.id)
        }
        discardScratch()
        context.report(.cleanedUp(logIncomplete: logIncomplete))
        context.supervisor.scheduleRetention(of: context.id)
    }

    /// Moves the scratch away and has it removed. A job is done with once it is moved: removing what it left may take
    /// long, and its owner could make it take longer.
    private func discardScratch() {
        let (supervisor, id) = (context.supervisor, context.id)
        var backoff = Backoff(first: 1, longest: 3600)
        while true {
            do {
                let names = try context.store.discardScratch(of: id)
                supervisor.setCleanUpProblem(nil, of: id)
                return TrashRemoval(store: context.store, log: context.log).start(names) { problem in
                    supervisor.setCleanUpProblem(
                        problem.map { "what it left behind cannot be removed: \($0)" }, of: id)
                }
            } catch {
                context.log.warning("scratch-not-moved", ["job": id.text, "why": "\(error)"])
                supervisor.setCleanUpProblem("its scratch directory cannot be moved away: \(error)", of: id)
                backoff.wait()
            }
        }
    }

    /// - Returns: why lines may be missing.
    private func collectLog(_ ended: EndedJob) -> String? {
        // An earlier runner may have got as far as to remove the container after it.
        if ended.isLogCollected { return nil }
        var backoff = Backoff(first: 0.5, longest: 5)
        var failures = 0
        while true {
            guard let engine = context.engine() else { return nil }
            if engine.dialect.writesLogFile {
                guard let problem = context.store.logProblem(of: context.id) else { return nil }
                // Known before anybody is told that there is no more of it.
                context.report(.logCollected(incomplete: problem))
                return problem
            }
            do throws(EngineError) {
                let log = failures == 0 ? readableLog(ended, engine) : nil
                if log == nil, try context.inspect(engine) == nil {
                    return ended.startTime == nil ? nil : "the engine's container was gone before its log was fetched"
                }
                var incomplete: String?
                do throws(EngineError) {
                    incomplete = try EngineLogFetch(context, engine, log: log).runToEnd()
                } catch .unreachable(let words) {
                    // The engine answers, and cannot read its own log: a full disk leaves such logs behind.
                    failures += 1
                    guard failures >= Self.patience else { throw .unreachable(words) }
                    incomplete = "the engine could not hand over all of it: \(words)"
                }
                context.report(.logCollected(incomplete: incomplete))
                return incomplete
            } catch .damaged(_, let words) where failures >= Self.patience {
                let incomplete = "the engine could not hand over all of it: \(words)"
                context.report(.logCollected(incomplete: incomplete))
                return incomplete
            } catch {
                if case .damaged = error { failures += 1 }
                context.log.warning("log-not-fetched", ["job": context.id.text, "why": error.description])
                backoff.wait()
            }
        }
    }

    /// The engine's log of a container that has ended, where no client is needed to read it.
    private func readableLog(_ ended: EndedJob, _ engine: Engine) -> DaemonLog? {
        guard let record = ended.containerID.flatMap({ engine.facts.daemonRecord(of: $0) }),
            let found = record.read(), found.isEnded
        else { return nil }
        return record.log
    }

    private func removeContainer(_ ended: EndedJob) {
        // Only these may have a monitor that the engine has forgotten; to look for it for every job would cost too much.
        let mayLeak = ended.containerID == nil || ended.outcome.reason == .containerLost
        var backoff = Backoff(first: 1, longest: 60)
        while true {
            guard let engine = context.engine() else { return }
            do throws(EngineError) {
                try context.removeContainer(engine)
                if mayLeak {
                    try MonitorSweep(engine: engine, store: context.store, log: context.log).run { $0 == context.id }
                }
                return
            } catch {
                context.log.warning("container-not-removed", ["job": context.id.text, "why": error.description])
                context.supervisor.setCleanUpProblem(
                    "the container \(context.handle) cannot be removed: \(error)", of: context.id)
                backoff.wait()
            }
        }
    }
}
