import Glibc
import PhjobCore
import PhjobEngine
import PhjobSystem

/// What happens to jobs while systemd stops the machine, or all that a user has left running.
extension EffectContext {
    /// Blocks while a shutdown is under way: nothing is started that would be stopped at once.
    func waitForShutdown() {
        var backoff = Backoff(first: 1, longest: 5)
        while executor.shutdown() != nil, supervisor.job(id)?.intent == nil {
            supervisor.setProgress("waits: the machine is being shut down, or you have logged out", of: id)
            backoff.wait()
        }
    }

    /// Reports how the job ended, unless a shutdown may have ended it.
    ///
    /// If the machine is being stopped nothing is decided: the next boot makes it `NodeLost`. If the shutdown is called off, the
    /// report follows then.
    func reportEnd(_ event: JobEvent) {
        let event = supposingLogOut(event)
        var backoff = Backoff(first: 1, longest: 5)
        while supervisor.job(id).map({ !$0.phase.isFinal && $0.intent == nil }) == true {
            switch executor.shutdown() {
            case nil: return report(event)
            case .machine: backoff.wait()
            // Docker's containers are its daemon's.
            case .user where job.image?.engine != EngineName.podman.rawValue: return report(event)
            case .user:
                return report(
                    .lost(
                        .loggedOut,
                        message:
                            "systemd ended it when you logged out; run 'loginctl enable-linger', then submit it again"))
            }
        }
        report(event)
    }

    /// A runner that was not there when the user logged out can only suppose it.
    private func supposingLogOut(_ event: JobEvent) -> JobEvent {
        guard case .exited(var exit) = event, geteuid() != 0, job.image?.engine == EngineName.podman.rawValue,
            exit.exitCode > 128
        else { return event }
        exit.mayBeLogOut = LogOutEffect.here(for: job.spec.user.name) != nil
        return .exited(exit)
    }
}
