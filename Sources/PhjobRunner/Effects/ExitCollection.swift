import PhjobCore
import PhjobEngine
import PhjobSystem

/// Reads how a container ended, after its first process has.
struct ExitCollection {
    private let context: EffectContext
    /// Seconds that the engine gets to notice the end; after that its monitor is gone too.
    private static let patience = 10.0

    init(_ context: EffectContext) {
        self.context = context
    }

    /// - Parameter outOfMemory: what the control group tells; nil if it cannot.
    func run(usage: JobOutcome.Usage?, outOfMemory: () -> Bool?) {
        var backoff = Backoff(first: 0.02, longest: 1)
        var failures = Backoff(first: 0.5, longest: 10)
        var giveUp = Monotonic.now.adding(seconds: Self.patience)
        var absences = 0
        while context.supervisor.job(context.id)?.phase.isFinal == false {
            guard let engine = context.engine() else { return }
            do throws(EngineError) {
                guard let found = try context.inspect(engine) else {
                    absences += 1
                    if absences > 1 {
                        return context.report(.lost(.containerLost, message: "the container was removed, not by phjob"))
                    }
                    backoff.wait()
                    continue
                }
                if found.isEnded {
                    var exit = found.explainedExit(outOfMemory)
                    exit.usage = usage
                    return context.report(.exited(exit))
                }
                if giveUp < .now {
                    let message =
                        "the container's process has ended, and its monitor with it: the engine still says '\(found.status)'"
                    return context.report(.lost(.containerLost, message: message))
                }
            } catch {
                // An engine that does not answer cannot have noticed anything.
                context.log.warning("exit-unread", ["job": context.id.text, "why": error.description])
                failures.wait()
                giveUp = Monotonic.now.adding(seconds: Self.patience)
                continue
            }
            backoff.wait()
        }
    }
}

extension ContainerInspection {
    /// What it says about an end.
    var exit: ContainerExit {
        ContainerExit(
            exitCode: exitCode, isEnded: isEnded, startTime: startTime, finishTime: finishTime, outOfMemory: outOfMemory
        )
    }

    /// The same, with what the kernel knows of its cause: podman 4 on cgroup v1 never tells that memory was short.
    ///
    /// - Parameter witness: what was seen while the container ran; nil if nobody looked.
    func explainedExit(_ witness: () -> Bool? = { nil }) -> ContainerExit {
        var exit = exit
        if isEnded, exitCode != 0, !outOfMemory {
            exit.outOfMemory = witness() ?? KernelLog.tellsOfOutOfMemory(inGroup: id) ?? false
        }
        return exit
    }
}
