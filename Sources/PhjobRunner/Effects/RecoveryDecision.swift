import PhjobCore
import PhjobEngine

/// What is to be believed of a job after a restart: a pure function of the engine's and the kernel's words.
enum RecoveryDecision {
    /// The exit code that docker gives to what a reboot ended.
    private static let rebootExitCode: Int32 = 255

    /// - Parameters:
    ///   - found: the container as the engine describes it; nil if it has none.
    ///   - isLaunch: whether the record says that the launch was under way; else that the container ran.
    ///   - isSameBoot: whether that was during this boot.
    ///   - isSettled: whether no client and no daemon can still be at work on the launch.
    ///   - createdMeansNeverRan: the dialect's word on what `created` proves.
    ///   - hasMonitor: whether a monitor of a container of this job lives, whatever the engine knows of it.
    ///   - process: the container's first process.
    /// - Returns: nil if it must be looked at again a little later.
    static func decide(
        _ found: ContainerInspection?, isLaunch: Bool, isSameBoot: Bool, isSettled: Bool, createdMeansNeverRan: Bool,
        hasMonitor: Bool, process: ContainerIdentity.ProcessIdentity?, bootID: String
    ) -> JobEvent? {
        let nodeLost = JobEvent.lost(.nodeLost, message: "the machine was restarted while the job ran")
        guard let found else {
            if isLaunch {
                guard isSettled else { return nil }
                // It may have been started before the engine forgot it.
                return hasMonitor ? .launchUncertain : .launchNotBegun
            }
            return isSameBoot
                ? .lost(.containerLost, message: "the container was removed while no runner looked") : nodeLost
        }
        if found.isEnded {
            let exit = found.exit
            if !isSameBoot, !exit.isBelievable || exit.exitCode == rebootExitCode { return nodeLost }
            return .exited(exit)
        }
        guard isSameBoot else { return nodeLost }
        if found.isRunning {
            return .started(
                ContainerIdentity(id: found.id, process: process, bootID: bootID),
                at: found.startTime ?? Timestamp(milliseconds: 0))
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
}
