import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// After the end: completes the log, removes the container and the scratch directory.
struct CleanUp {
    private let context: EffectContext

    init(_ context: EffectContext) {
        self.context = context
    }

    func run() {
        guard case .ended(let ended) = context.job.state else { return }
        context.executor.waitForPreparation(of: context.id)
        var logIncomplete = ended.outcome.reason == .containerLost ? "the container was lost" : nil
        if ended.mayHaveContainer {
            logIncomplete = collectLog(ended) ?? logIncomplete
            context.supervisor.logIsComplete(of: context.id)
            removeContainer()
        } else {
            context.supervisor.logIsComplete(of: context.id)
        }
        var backoff = Backoff(first: 1, longest: 3600)
        while true {
            do {
                try context.store.remove(JobLayout.scratchNames, of: context.id)
                break
            } catch {
                context.log.warning("scratch-not-removed", ["job": context.id.text, "why": "\(error)"])
                backoff.wait()
            }
        }
        context.report(.cleanedUp(logIncomplete: logIncomplete))
        context.supervisor.scheduleRetention(of: context.id)
    }

    /// - Returns: why lines may be missing.
    private func collectLog(_ ended: EndedJob) -> String? {
        // An earlier runner may have got as far as to remove the container after it.
        if ended.isLogCollected { return nil }
        var backoff = Backoff(first: 0.5, longest: 10)
        while true {
            guard let engine = context.engine() else { return nil }
            if engine.dialect.writesLogFile { return nil }
            do throws(EngineError) {
                guard try context.inspect(engine) != nil else {
                    return ended.startTime == nil ? nil : "the engine's container was gone before its log was fetched"
                }
                let incomplete = try EngineLogFetch(context, engine).runToEnd()
                context.report(.logCollected(incomplete: incomplete))
                return incomplete
            } catch {
                context.log.warning("log-not-fetched", ["job": context.id.text, "why": error.description])
                backoff.wait()
            }
        }
    }

    private func removeContainer() {
        var backoff = Backoff(first: 1, longest: 60)
        while true {
            guard let engine = context.engine() else { return }
            do throws(EngineError) {
                return try context.executor.containers.remove(context.name, with: engine)
            } catch {
                context.log.warning("container-not-removed", ["job": context.id.text, "why": error.description])
                backoff.wait()
            }
        }
    }
}
