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
    func runToEnd() throws(EngineError) {
        try context.executor.logCopies.complete(context.id) { () throws(EngineError) in
            try copy(follow: false, abandon: nil, isLast: true)
        }
        do throws(SystemError) {
            try context.store.synchronizeLog(of: context.id)
        } catch {
            throw .refused("the log cannot be written: \(error)")
        }
    }

    /// Copies what is new by now.
    func refresh(abandon: Wakeup) throws(EngineError) {
        try context.executor.logCopies.refresh(context.id) { () throws(EngineError) in
            try copy(follow: false, abandon: abandon.descriptor)
        }
    }

    /// Copies what comes, until the container ends or `abandon` becomes readable.
    func follow(abandon: Wakeup) throws(EngineError) {
        try context.executor.logCopies.follow(context.id, abandon: abandon) { () throws(EngineError) in
            try copy(follow: true, abandon: abandon.descriptor)
        }
    }

    private func copy(follow: Bool, abandon: Descriptor?, isLast: Bool = false) throws(EngineError) {
        do {
            let collector = LockedCollector(try EngineLogCollector(path: context.store.layout.job(context.id).log))
            if let log {
                try log.read(follow: follow, abandon: abandon, collector.append)
            } else {
                try engine.log(context.handle, since: collector.lastTime, follow: follow, abandon: abandon) { bytes in
                    try collector.append(bytes)
                }
            }
            try collector.finish()
            if isLast { try collector.synchronize() }
        } catch let error as EngineError {
            throw error
        } catch {
            throw .refused("the log cannot be written: \(error)")
        }
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
