import PhjobCore
import PhjobEngine
import PhjobSystem

/// Ends what is left of containers that the engine has forgotten: of launches that were cut short, of removals by others.
struct MonitorSweep {
    let engine: Engine
    let log: EventLog

    /// - Parameter isOver: whether a job has ended, so that nothing of it may run any more.
    func run(where isOver: (JobID) -> Bool) throws(EngineError) {
        for monitor in engine.endMonitors(try engine.leakedMonitors(where: isOver)) {
            log.warning(
                "leaked-container-ended",
                ["job": monitor.job.text, "container": monitor.containerID, "monitor": "\(monitor.process.pid)"])
        }
    }
}
