import Dispatch
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Keeps our copy of a log up to date while somebody reads it, for engines that keep logs themselves.
final class EngineLogFollower: Sendable {
    private let supervisor: Supervisor
    private let context: EffectContext
    private let engine: Engine
    private let follow: Bool
    private let abandon: Wakeup
    private let isDone = DispatchSemaphore(value: 0)

    /// Nil if the log's file is already written by somebody else: the engine itself, or the clean-up after the job's end.
    init?(_ supervisor: Supervisor, id: JobID, follow: Bool) {
        guard let job = supervisor.job(id), job.phase == .running, let engine = supervisor.engines.current,
            !engine.dialect.writesLogFile, let abandon = try? Wakeup()
        else { return nil }
        self.supervisor = supervisor
        self.engine = engine
        self.follow = follow
        self.abandon = abandon
        context = EffectContext(job: job, supervisor: supervisor, executor: supervisor.executor)
    }

    func begin() {
        WorkerThread.start("log") { [self] in
            defer { isDone.signal() }
            do throws(EngineError) {
                let fetch = EngineLogFetch(context, engine)
                if follow {
                    try fetch.follow(abandon: abandon.descriptor)
                } else {
                    _ = try fetch.runToEnd()
                }
            } catch {
                supervisor.log.warning("log-not-followed", ["job": context.id.text, "why": error.description])
            }
        }
    }

    /// Blocks until all that there was has been copied.
    func wait() {
        isDone.wait()
        isDone.signal()
    }

    func end() { abandon.signal() }
}
