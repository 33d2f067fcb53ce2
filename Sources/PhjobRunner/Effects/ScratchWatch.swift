import PhjobCore
import PhjobStore
import PhjobSystem

/// Sees to it that a job writes no more to its home and its `/tmp` than it may.
///
/// File systems keep such a limit for users, not for directories, but for those with project quotas (quotactl(2)); so it is
/// looked at again and again, as Kubernetes does for the size limit of an emptyDir: every ten seconds, and less often where
/// looking takes long. Nothing is looked at where there is no limit.
struct ScratchWatch: Sendable {
    private let context: EffectContext
    private let limit: Int64

    /// Seconds between two looks; the first comes sooner.
    private static let longestInterval = 10.0
    /// A look takes at most this part of the time.
    private static let effort = 0.02

    /// Nil if the job may write as much as there is room for.
    init?(_ context: EffectContext) {
        guard let limit = context.job.spec.settings.scratchMaxSize else { return nil }
        self.context = context
        self.limit = limit.bytes
    }

    func begin() { look(after: 1) }

    private func look(after seconds: Double) {
        context.supervisor.loop.schedule(at: Monotonic.now.adding(seconds: seconds)) {
            guard isRunning else { return }
            WorkerThread.start("scratch") {
                let begin = Monotonic.now
                let size = context.store.scratchSize(of: context.id, limit: limit)
                guard isRunning else { return }
                guard size <= limit else { return context.report(.scratchLimitPassed) }
                let cost = Monotonic.now.seconds(since: begin)
                look(after: max(min(seconds * 2, Self.longestInterval), cost / Self.effort))
            }
        }
    }

    private var isRunning: Bool { context.supervisor.job(context.id)?.phase == .running }
}
