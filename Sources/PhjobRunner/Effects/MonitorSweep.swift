import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Ends what is left of containers that the engine has forgotten: of launches that were cut short, of removals by others.
struct MonitorSweep {
    let engine: Engine
    let store: JobStore
    let log: EventLog

    /// - Parameter isOver: whether a job has ended, so that nothing of it may run any more.
    func run(where isOver: (JobID) -> Bool) throws(EngineError) {
        let leaked = try engine.leakedMonitors(in: store.layout.jobs, stateID: store.stateID, where: isOver)
        for leak in engine.endMonitors(leaked) {
            log.warning(
                "leaked-container-ended", ["job": leak.job.text, "monitor": "\(leak.monitor.process.pid)"])
        }
    }
}
