package import PhjobCore
import PhjobSystem

extension Engine {
    /// Monitors of containers that the engine does not have: neither container nor monitor would ever end by itself.
    ///
    /// - Parameter isWanted: whose are looked at. None of a job that a client of the engine may be at work on.
    package func leakedMonitors(where isWanted: (JobID) -> Bool) throws(EngineError) -> [ContainerMonitor] {
        guard dialect.leavesMonitors else { return [] }
        let monitors = ContainerMonitor.all.filter {
            isWanted($0.job) && !ProcessTable.hasOwnProcess(withArgument: "--name=\($0.job.containerName)")
        }
        if monitors.isEmpty { return [] }
        // Asked after the monitors were found: a container is recorded before its monitor is started.
        let result = try call(["ps", "--all", "--no-trunc", "--quiet"], limit: 64 << 20)
        guard result.isSuccess else { throw .unreachable(Self.words(result)) }
        let known = Set(result.output.text.split(whereSeparator: \.isNewline).map(String.init))
        return monitors.filter { !known.contains($0.containerID) }
    }

    /// Ends monitors, with their containers, that ``leakedMonitors(where:)`` found and that do not end by themselves.
    ///
    /// - Returns: those that had to be ended.
    package func endMonitors(_ monitors: [ContainerMonitor]) -> [ContainerMonitor] {
        // One whose container has just been removed is still at its last work.
        let leaked = monitors.filter { !$0.waitForEnd() }
        for monitor in leaked { monitor.end(environment: environment) }
        return leaked
    }
}
