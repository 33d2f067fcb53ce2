import PhjobCore
import PhjobEngine

/// What is to be believed of a job after a restart: a pure function of the engine's and the kernel's words.
enum RecoveryDecision {
    /// What is true of a job that ran during another boot, whatever the engine says: a shutdown ends containers by signals
    /// that a command may answer with any exit code.
    static let nodeLost = JobEvent.lost(
        .nodeLost, message: "the machine was shut down or restarted while the job ran")

    /// - Parameters:
    ///   - found: the container as the engine describes it; nil if it has none.
    ///   - isLaunch: whether the record says that the launch was under way; else that the container ran.
    ///   - isSameBoot: whether that was during this boot.
    ///   - isSettled: whether no client and no daemon can still be at work on the launch.
    ///   - createdMeansNeverRan: the dialect's word on what `created` proves.
    ///   - hasMonitor: whether a monitor of a container of this job lives, whatever the engine knows of it.
    ///   - process: the container's first process.
    ///   - now: start times after it are not believed.
    /// - Returns: nil if it must be looked at again a little later.
    static func decide(
        _ found: ContainerInspection?, isLaunch: Bool, isSameBoot: Bool, isSettled: Bool, createdMeansNeverRan: Bool,
        hasMonitor: Bool, process: ContainerIdentity.ProcessIdentity?, bootID: String,
        now: Timestamp
    ) -> JobEvent? {
        guard let found else {
            if isLaunch {
                guard isSettled else { return nil }
                // It may have been started before the engine forgot it.
                return hasMonitor ? .launchUncertain : .launchNotBegun
            }
            return isSameBoot
                ? .lost(.containerLost, message: "the container was removed while no runner looked") : nodeLost
        }
        guard isSameBoot else { return nodeLost }
        if found.isEnded { return .exited(found.exit) }
        if found.isRunning {
            return .started(
                ContainerIdentity(id: found.id, process: process, bootID: bootID),
                at: min(found.startTime ?? now, now))
        }
        guard isLaunch else {
            return .lost(
                .containerLost, message: "the engine says that the container is '\(found.status)', though it ran")
        }
        // Created, configured, initialized: somebody may still be at work on it.
        guard isSettled else { return nil }
        let neverRan = createdMeansNeverRan && found.status == "created" && found.startTime == nil
        return neverRan ? .launchNotBegun : .launchUncertain
    }

    /// What becomes of a job whose container the engine has and cannot describe.
    ///
    /// - Parameters:
    ///   - words: the engine's, or about it.
    ///   - known: the container as recorded; `nil` while the launch is under way.
    ///   - isAlive: whether the recorded first process lives.
    ///   - isOverdue: whether the engine has had all the time it gets.
    /// - Returns: nil if it must be looked at again a little later.
    static func decide(
        undescribed words: String, known: RunningJob?, isSameBoot: Bool, isAlive: Bool, isOverdue: Bool
    ) -> JobEvent? {
        guard isSameBoot else { return nodeLost }
        // The kernel tells its end; no word of the engine is needed for that.
        if let known, isAlive { return .started(known.container, at: known.startTime) }
        guard isOverdue else { return nil }
        return known == nil ? .launchUncertain : .lost(.containerLost, message: words)
    }
}
