import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Keeps our copy of a log up to date while somebody reads it, for engines that keep logs themselves.
final class EngineLogFollower: Sendable {
    private let supervisor: Supervisor
    private let context: EffectContext
    private let follow: Bool
    private let abandon: Wakeup
    /// Readable when all that there was has been copied, or could not be.
    let isDone: Wakeup

    /// Nil if the log's file is already written by somebody else: the engine itself, or the clean-up after the job's end.
    init?(_ supervisor: Supervisor, id: JobID, follow: Bool) {
        guard let job = supervisor.job(id), job.phase == .running else { return nil }
        context = EffectContext(job: job, supervisor: supervisor, executor: supervisor.executor)
        guard job.image?.engine != EngineName.podman.rawValue, let abandon = try? Wakeup(), let isDone = try? Wakeup()
        else {
            return nil
        }
        self.supervisor = supervisor
        self.follow = follow
        self.abandon = abandon
        self.isDone = isDone
    }

    func begin() {
        WorkerThread.start("log") { [self] in
            defer { isDone.signal() }
            // Not before: who asks for the log must not hang with an engine that hangs.
            guard let engine = context.engine(abandon: abandon.descriptor), !engine.dialect.writesLogFile else {
                return
            }
            var backoff = Backoff(first: 0.5, longest: 10)
            while isWanted {
                do throws(EngineError) {
                    let log = containerID.flatMap { engine.facts.daemonRecord(of: $0)?.log }
                    let fetch = EngineLogFetch(context, engine, log: log)
                    guard follow else { return try fetch.refresh(abandon: abandon) }
                    try fetch.follow(abandon: abandon)
                } catch {
                    supervisor.log.warning("log-not-followed", ["job": context.id.text, "why": error.description])
                    guard follow else { return }
                }
                // An engine that was restarted has ended it, and the job goes on.
                backoff.wait(abandon: abandon.descriptor)
            }
        }
    }

    private var containerID: String? {
        guard case .running(let running) = context.job.state else { return nil }
        return running.container.id
    }

    private var isWanted: Bool {
        supervisor.job(context.id)?.phase == .running
            && (try? Poll.readable([abandon.descriptor.number], until: .now)) == [false]
    }

    func end() { abandon.signal() }
}
