import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Copies an engine's own log of a job into our file, for engines that do not write it there themselves.
struct EngineLogFetch {
    private let context: EffectContext
    private let engine: Engine
    /// The engine's own, where it can be read without a client.
    private let log: DaemonLog?

    init(_ context: EffectContext, _ engine: Engine, log: DaemonLog?) {
        self.context = context
        self.engine = engine
        self.log = log
    }

    /// Copies all that is new, after the end of the job. What is copied then survives a power cut: the engine's own goes next.
    ///
    /// - Returns: why lines are missing; `nil` if none are.
    func runToEnd() throws(EngineError) -> String? {
        var loss: String?
        try context.executor.logCopies.complete(context.id) { () throws(EngineError) in
            loss = try copy(follow: false, abandon: nil, isLast: true)
        }
        do throws(SystemError) {
            try context.store.synchronizeLog(of: context.id)
        } catch {
            throw .refused("the log cannot be written: \(error)")
        }
        return loss
    }

    /// Copies what is new by now.
    func refresh(abandon: Wakeup) throws(EngineError) {
        try context.executor.logCopies.refresh(context.id) { () throws(EngineError) in
            _ = try copy(follow: false, abandon: abandon.descriptor)
        }
    }

    /// Copies what comes, until the container ends or `abandon` becomes readable.
    func follow(abandon: Wakeup) throws(EngineError) {
        try context.executor.logCopies.follow(context.id, abandon: abandon) { () throws(EngineError) in
            _ = try copy(follow: true, abandon: abandon.descriptor)
        }
    }

    /// - Returns: why lines are missing, as far as that can be seen.
    private func copy(follow: Bool, abandon: Descriptor?, isLast: Bool = false) throws(EngineError) -> String? {
        do {
            let collector = LockedCollector(try EngineLogCollector(path: context.store.layout.job(context.id).log))
            let loss = log?.firstAfterLoss(since: collector.lastTime, start: context.job.startTime)
            if let log {
                try log.read(since: collector.lastTime, follow: follow, abandon: abandon, collector.append)
            } else {
                try engine.log(context.handle, since: collector.lastTime, follow: follow, abandon: abandon) { bytes in
                    try collector.append(bytes)
                }
            }
            try collector.finish()
            if isLast { try collector.synchronize() }
            return loss.map { Self.words($0, copiedUntil: collector.lastTime) }
        } catch let error as EngineError {
            throw error
        } catch {
            throw .refused("the log cannot be written: \(error)")
        }
    }

    private static func words(_ first: String, copiedUntil last: String?) -> String {
        let what = last.map { "what was printed between \($0) and \(first)" } ?? "what was printed before \(first)"
        return "it reached its bound (limits.logMaxSize), and \(what) is missing"
    }

    /// The collector as something that a closure can change.
    private final class LockedCollector {
        private var collector: EngineLogCollector

        init(_ collector: EngineLogCollector) {
            self.collector = collector
        }

        var lastTime: String? { collector.lastTime }
        func append(_ bytes: UnsafeRawBufferPointer) throws { try collector.append(bytes) }
        func finish() throws { try collector.finish() }
        func synchronize() throws { try collector.synchronize() }
    }
}
