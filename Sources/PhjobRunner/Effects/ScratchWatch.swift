import PhjobCore
import PhjobStore
import PhjobSystem

/// Sees to it that a job writes no more to the disk beside its group's volume than it may (``ScratchUse``).
///
/// File systems keep such a limit for users, not for directories, but for those with project quotas (quotactl(2)); so it is
/// looked at again and again, as Kubernetes does for the size limit of an emptyDir: every ten seconds, and less often where
/// looking takes long. Nothing is looked at where there is no limit.
struct ScratchWatch: Sendable {
    private let context: EffectContext
    private let limit: Int64
    private let use: ScratchUse

    /// Seconds between two looks that take no time; the first comes sooner.
    private static let usualPause = 10.0
    /// Looks take at most this part of the time, as long as their pauses need not be longer than the next.
    private static let effort = 0.02
    /// Seconds that a job gets at most in which nobody looks, unless a look takes longer than that itself.
    private static let longestPause = 60.0

    /// Nil if the job may write as much as there is room for.
    init?(_ context: EffectContext) {
        guard let limit = context.job.spec.settings.scratchMaxSize, let use = ScratchUse(context) else { return nil }
        self.use = use
        self.context = context
        self.limit = limit.bytes
    }

    func begin() { look(after: 1) }

    private func look(after seconds: Double) {
        context.supervisor.loop.schedule(at: Monotonic.now.adding(seconds: seconds)) {
            guard isRunning else { return }
            WorkerThread.start("scratch") {
                let begin = Monotonic.now
                let isOver = use.isOver(limit)
                guard isRunning else { return }
                if isOver { return context.report(.scratchLimitPassed) }
                look(after: Self.pause(after: seconds, cost: Monotonic.now.seconds(since: begin)))
            }
        }
    }

    /// Seconds until the next look.
    ///
    /// - Parameters:
    ///   - pause: seconds that passed before the last one.
    ///   - cost: seconds that it took.
    static func pause(after pause: Double, cost: Double) -> Double {
        max(min(pause * 2, usualPause), min(cost / effort, max(longestPause, cost)))
    }

    private var isRunning: Bool { context.supervisor.job(context.id)?.phase == .running }
}
