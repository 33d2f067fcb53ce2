import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Stops a job's container: SIGTERM, the grace period, SIGKILL; again until it has ended.
struct Stop {
    private let context: EffectContext

    init(_ context: EffectContext) {
        self.context = context
    }

    func run() {
        var backoff = Backoff(first: 1, longest: 30)
        var refusals = 0
        while isRunning {
            guard let engine = context.engine() else { return }
            do throws(EngineError) {
                try engine.stop(context.handle, graceSeconds: remainingGrace)
                return
            } catch {
                guard isRunning else { return }
                context.log.warning("stop-failed", ["job": context.id.text, "why": error.description])
            }
            // An engine that is away has refused nothing. Were it back for the kill, there would have been no SIGTERM.
            refusals = (try? engine.names(stateID: context.store.stateID)) == nil ? 0 : refusals + 1
            // The container may be in a state in which the engine stops nothing; a kill still reaches it.
            if refusals > 1 { kill(with: engine) }
            // An engine that can do nothing with this container must not keep its job from being stopped.
            if refusals > 2, let process = context.process { PidDescriptor.kill(process) }
            backoff.wait()
        }
    }

    private func kill(with engine: Engine) {
        do throws(EngineError) {
            try engine.kill(context.handle)
        } catch {
            context.log.warning("kill-failed", ["job": context.id.text, "why": error.description])
        }
    }

    private var isRunning: Bool { context.supervisor.job(context.id)?.phase == .running }

    private var remainingGrace: Int64 { Self.remainingGrace(of: context.job, now: Supervisor.now) }

    /// Seconds of the grace period that are left: a stop that an earlier runner began is not begun again.
    static func remainingGrace(of job: Job, now: Timestamp) -> Int64 {
        let grace = job.spec.settings.stopGraceSeconds
        guard let intent = job.intent else { return grace }
        // What was cancelled while it was being started gets its grace from the start on.
        let running = job.history.last { $0.phase == .running }
        let begin = max(intent.time, running?.time ?? intent.time)
        // However late the engine is, SIGTERM comes before SIGKILL: it is not known here whether it has been sent.
        return max(min(grace, 2), grace - max(0, Int64(now.seconds(since: begin))))
    }
}
