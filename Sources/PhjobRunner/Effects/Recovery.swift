import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Finds out what became of a job whose launch or run an earlier runner began, or whose launch gave no answer.
///
/// The engine's word and the kernel's are put together; where they cannot tell whether the command ran, it is not run again.
struct Recovery {
    private let context: EffectContext
    /// Seconds for which a launch may still be under way although its client has gone: the docker daemon goes on without it.
    /// They count only while the engine answers: one that was hung takes up what it was asked before.
    private static let settlingTime = 5.0

    init(_ context: EffectContext) {
        self.context = context
    }

    func run() {
        // Needs no engine, which may be away, or unable to describe what the end of that boot has damaged.
        if !isLaunched, !isSameBoot { return context.report(RecoveryDecision.nodeLost) }
        var backoff = Backoff(first: 0.1, longest: 1)
        var failures = Backoff(first: 0.5, longest: 10)
        var settled: Monotonic?
        var giveUp: Monotonic?
        var absences = 0
        var wasAway = (try? context.findEngine()) == nil
        while true {
            guard let engine = context.engine() else { return }
            do throws(EngineError) {
                let isClientAlive = isLaunched && context.isBeingLaunched
                let found = try context.inspect(engine)
                // One answer without the container is not yet a loss.
                absences = found == nil ? absences + 1 : 0
                if absences == 1, !isLaunched {
                    backoff.wait()
                    continue
                }
                let time = settled ?? Monotonic.now.adding(seconds: isSameBoot ? Self.settlingTime : 0)
                settled = isClientAlive ? nil : time
                let isSettled = !isClientAlive && (!isLaunched || time <= .now)
                if var event = RecoveryDecision.decide(
                    found, isLaunch: isLaunched, isSameBoot: isSameBoot, isSettled: isSettled,
                    createdMeansNeverRan: engine.dialect.createdMeansNeverRan,
                    hasMonitor: found == nil && isLaunched && context.hasMonitor(engine), process: process(of: found),
                    bootID: Boot.id, now: Supervisor.now)
                {
                    if case .exited = event, let found { event = .exited(found.exit.explained(containerID: found.id)) }
                    // Not by force: a daemon that starts it at this very moment must win.
                    if event == .launchNotBegun, let found { try engine.removeUnstarted(found.id) }
                    if case .started = event, isLaunched, engine.dialect.writesLogFile {
                        context.store.keepLogHead(of: context.id)
                    }
                    if wasAway, case .exited(var exit) = event {
                        exit.logIncomplete = engine.dialect.lossWhileAway
                        event = .exited(exit)
                    }
                    if case .exited = event { return context.reportEnd(event) }
                    return context.report(event)
                }
                backoff.wait()
            } catch .damaged(let container, let words) {
                let error = EngineError.damaged(container: container, words: words)
                let deadline = giveUp ?? Monotonic.now.adding(seconds: context.executor.damageTimeout)
                giveUp = deadline
                if let event = RecoveryDecision.decide(
                    undescribed: error.description, known: context.running, isSameBoot: isSameBoot,
                    isAlive: context.isProcessAlive, isOverdue: deadline <= .now)
                {
                    return context.report(event)
                }
                context.log.warning("recovery-waits", ["job": context.id.text, "why": error.description])
                failures.wait()
            } catch {
                settled = nil
                wasAway = true
                context.log.warning("recovery-waits", ["job": context.id.text, "why": error.description])
                context.sayWaiting(error)
                failures.wait()
            }
        }
    }

    /// Whether a launch was under way; else the container had been started.
    private var isLaunched: Bool { context.job.phase == .preparing }

    private var isSameBoot: Bool {
        switch context.job.state {
        case .preparing(let preparing): preparing.launch?.bootID == Boot.id
        case .running(let running): running.container.bootID == Boot.id
        case .pending, .ended: true
        }
    }

    private func process(of found: ContainerInspection?) -> ContainerIdentity.ProcessIdentity? {
        guard let found, found.pid > 0 else { return nil }
        if case .running(let running) = context.job.state, let known = running.container.process, known.pid == found.pid
        {
            return known
        }
        guard let ticks = ProcessTable.startTicks(of: found.pid) else { return .ended(found.pid) }
        return ContainerIdentity.ProcessIdentity(pid: found.pid, startTicks: ticks)
    }
}
