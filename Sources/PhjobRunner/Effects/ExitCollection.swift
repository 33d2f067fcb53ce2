import PhjobCore
import PhjobEngine
import PhjobSystem

/// Reads how a container ended, after its first process has.
struct ExitCollection {
    private let context: EffectContext
    private let running: RunningJob
    /// Seconds that the engine gets to notice the end; after that its monitor is gone too.
    private static let patience = 10.0
    static let wasRemoved = "the container was removed, not by phjob"

    /// Seconds that the note of an end may take to come.
    private static let noticePatience = 1.0

    init(_ context: EffectContext, _ running: RunningJob) {
        self.context = context
        self.running = running
    }

    /// - Parameters:
    ///   - notice: where the end will be noted, if that is known.
    ///   - kills: how many processes were killed because the memory was used up; nil if the control group cannot tell.
    ///   - isCertain: whether the first process is known to have ended.
    /// - Returns: whether there is nothing left to wait for; always, if the end is certain.
    @discardableResult
    func run(
        usage: JobOutcome.Usage?, notice: (any ExitNotice)? = nil, kills: () -> Int64?, isCertain: Bool = true
    ) -> Bool {
        if var exit = notice?.wait(until: Monotonic.now.adding(seconds: Self.noticePatience)) {
            exit.startTime = exit.startTime ?? running.startTime
            exit.isWitnessed = isCertain
            exit.usage = usage
            if exit.isBelievable {
                context.reportEnd(.exited(exit.explained(by: kills, containerID: running.container.id)))
                return true
            }
        }
        var backoff = Backoff(first: 0.02, longest: 1)
        var failures = Backoff(first: 0.5, longest: 10)
        var giveUp = Monotonic.now.adding(seconds: Self.patience)
        var giveUpDamaged: Monotonic?
        var absences = 0
        var logIncomplete: String?
        while context.supervisor.job(context.id)?.phase.isFinal == false {
            guard let engine = context.engine() else { return true }
            do throws(EngineError) {
                guard let found = try context.inspect(engine) else {
                    absences += 1
                    if absences > 1 {
                        context.reportEnd(.lost(.containerLost, message: Self.wasRemoved))
                        return true
                    }
                    backoff.wait()
                    continue
                }
                if found.isEnded {
                    var exit = found.exit.explained(by: kills, containerID: found.id)
                    exit.usage = usage
                    exit.isWitnessed = isCertain
                    exit.logIncomplete = logIncomplete
                    context.reportEnd(.exited(exit))
                    return true
                }
                if !isCertain { return false }
                if giveUp < .now {
                    let message = Self.contradiction(
                        found, first: running.container.process?.pid, hasMonitor: engine.facts.name == .podman)
                    context.reportEnd(.lost(.containerLost, message: message))
                    return true
                }
            } catch .damaged(let container, let words) {
                let error = EngineError.damaged(container: container, words: words)
                let deadline = giveUpDamaged ?? Monotonic.now.adding(seconds: context.executor.damageTimeout)
                giveUpDamaged = deadline
                if deadline <= .now {
                    context.reportEnd(.lost(.containerLost, message: error.description))
                    return true
                }
                context.log.warning("exit-unread", ["job": context.id.text, "why": error.description])
                failures.wait()
                continue
            } catch {
                // An engine that does not answer cannot have noticed anything.
                if case .unreachable = error { logIncomplete = engine.dialect.lossWhileAway }
                context.log.warning("exit-unread", ["job": context.id.text, "why": error.description])
                failures.wait()
                giveUp = Monotonic.now.adding(seconds: Self.patience)
                continue
            }
            backoff.wait()
        }
        return true
    }
}

extension ExitCollection {
    /// What is said of a container whose first process has ended, and which the engine does not call ended.
    ///
    /// - Parameters:
    ///   - first: the number of that process, if it is known.
    ///   - hasMonitor: whether the engine notices ends by a process of its own beside each container.
    static func contradiction(_ found: ContainerInspection, first: Int32?, hasMonitor: Bool) -> String {
        if found.isRunning, found.pid > 0, let first, found.pid != first {
            return "the container was started again, not by phjob, and how its first run ended is not known; "
                + "no restart policy may be set on a job's container ('docker update --restart')"
        }
        let monitor = hasMonitor ? ", and its monitor with it" : ""
        return "the container's process has ended\(monitor): the engine still says '\(found.status)'"
    }
}

extension EngineDialect {
    /// What may be missing of a job's log if the engine was not there when the job ended: a daemon that reads what jobs print
    /// loses what it had not read by then.
    var lossWhileAway: String? {
        writesLogFile ? nil : "\(name.rawValue) did not answer when the job ended, so the last lines may be missing"
    }
}

extension ContainerExit {
    /// The same, with what the kernel knows of its cause: podman 4 on cgroup v1 never tells that memory was short.
    ///
    /// - Parameter kills: how many processes were killed because the memory was used up; nil if it was not watched.
    func explained(by kills: () -> Int64? = { nil }, containerID: String) -> ContainerExit {
        guard isEnded else { return self }
        var exit = self
        if let count = kills() {
            exit.outOfMemory = outOfMemory || count > 0
            exit.outOfMemoryKills = count > 0 ? count : nil
        } else if exitCode != 0, !outOfMemory {
            exit.outOfMemory = KernelLog.tellsOfOutOfMemory(inGroup: containerID) ?? false
        }
        return exit
    }
}
