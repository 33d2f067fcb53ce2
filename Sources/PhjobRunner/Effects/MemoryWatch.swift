import PhjobCore
import PhjobSystem
import Synchronization

/// Watches the memory of a running job's container by the container's own control group.
///
/// The kernel tells at once when it kills a process because the memory is used up. It keeps a peak only with the page cache, so
/// what is in use without it is looked at now and then: a peak between two looks stays unseen.
final class MemoryWatch: Sendable {
    private struct State {
        /// Bytes.
        var peakWithoutCache: Int64?
        var reportedKills: Int64
        /// Seconds until the next look.
        var interval = 0.25
    }

    private let context: EffectContext
    private let group: ControlGroup
    private let kills: OutOfMemoryWatch?
    /// Whether it is there from the start, so that a peak is one of the whole job.
    private let isComplete: Bool
    private let state: Mutex<State>

    /// Seconds between looks at what is in use: up to so many, in a job that runs long.
    private static let longestInterval = 15.0
    /// Seconds between looks at the kills, which may come by thousands. In version 1 a notice comes before its kill.
    private static let killInterval = 0.5
    /// Seconds after the start of the container within which watching must begin.
    private static let startSlack = 15.0

    /// - Returns: nil if the container has no control group of its own, or has ended.
    init?(_ context: EffectContext, _ running: RunningJob) {
        guard let process = running.container.process,
            let group = ControlGroup(of: process.pid, container: running.container.id)
        else { return nil }
        self.context = context
        self.group = group
        kills = OutOfMemoryWatch(group)
        isComplete = Supervisor.now.seconds(since: running.startTime) < Self.startSlack
        state = Mutex(State(reportedKills: running.outOfMemoryKills ?? 0))
    }

    func begin() {
        if isComplete { sample(after: nil) }
        guard let kills else { return }
        reportKills(kills)
        awaitKill(kills, after: nil)
    }

    /// What the job has used, and how many of its processes were killed. Read at once when it has ended: the engine removes
    /// the control group within milliseconds.
    var end: (usage: JobOutcome.Usage, countedKills: Int64?) {
        let peak = state.withLock { $0.peakWithoutCache }
        let usage = JobOutcome.Usage(
            peakMemory: group.peakMemory.map(MemorySize.init(bytes:)),
            peakMemoryWithoutCache: peak.map(MemorySize.init(bytes:)), cpuSeconds: group.cpuSeconds)
        return (usage, group.outOfMemoryKills)
    }

    /// How many processes were killed. May block for some seconds.
    ///
    /// - Parameter counted: what ``end`` said.
    /// - Returns: nil if the control group cannot tell.
    func conclusion(counted: Int64?) -> Int64? { kills.map { $0.conclusion(counted: counted) } ?? counted }

    /// - Parameter token: that of the timer that has fired.
    private func sample(after token: EventLoop.Token?) {
        let used = group.memoryWithoutCache
        if token != nil, used == nil { return }
        let interval = state.withLock { state in
            state.peakWithoutCache = [state.peakWithoutCache, used].compactMap(\.self).max()
            defer { state.interval = min(state.interval * 2, Self.longestInterval) }
            return state.interval
        }
        schedule(after: interval, replacing: token) { [self] in sample(after: $0) }
    }

    /// - Parameter token: that of the timer that has fired.
    private func awaitKill(_ kills: OutOfMemoryWatch, after token: EventLoop.Token?) {
        context.executor.replaceWatch(token, of: context.id, in: context.supervisor.loop) { loop, own in
            loop.onceReadable(kills.descriptor) { [self] in
                reportKills(kills)
                schedule(after: Self.killInterval, replacing: own()) { [self] token in
                    reportKills(kills)
                    awaitKill(kills, after: token)
                }
            }
        }
    }

    private func schedule(
        after seconds: Double, replacing token: EventLoop.Token?,
        _ body: @escaping @Sendable (EventLoop.Token?) -> Void
    ) {
        context.executor.replaceWatch(token, of: context.id, in: context.supervisor.loop) { loop, own in
            loop.schedule(at: Monotonic.now.adding(seconds: seconds)) { body(own()) }
        }
    }

    private func reportKills(_ kills: OutOfMemoryWatch) {
        let count = kills.look()
        let isNew = state.withLock { state in
            defer { state.reportedKills = max(state.reportedKills, count) }
            return count > state.reportedKills
        }
        guard isNew else { return }
        // The record is written to the disk, for which the loop does not wait.
        WorkerThread.start("memory") { [context] in context.report(.processesKilled(count)) }
    }
}
