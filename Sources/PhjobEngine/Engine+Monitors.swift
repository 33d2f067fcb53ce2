package import PhjobCore
import PhjobSystem

/// A monitor of a container that the engine does not have: neither of them would ever end by itself.
package struct LeakedMonitor: Sendable, Equatable {
    package let job: JobID
    package let monitor: ContainerMonitor
}

extension Engine {
    /// The monitor of a job's container, whatever the engine knows of the container.
    ///
    /// - Parameter jobs: the directory of all jobs.
    package func monitor(of job: JobID, in jobs: String) -> ContainerMonitor? {
        facts.monitorProgram.flatMap { program in
            ContainerMonitor.all(program: program).first { $0.job(in: jobs) == job }
        }
    }

    /// Monitors of jobs' containers that the engine does not have.
    ///
    /// - Parameters:
    ///   - jobs: the directory of all jobs.
    ///   - stateID: the id of the state directory.
    ///   - isWanted: which jobs' are looked for. None of a job that a client of the engine may be at work on.
    package func leakedMonitors(
        in jobs: String, stateID: String, where isWanted: (JobID) -> Bool
    ) throws(EngineError) -> [LeakedMonitor] {
        guard let program = facts.monitorProgram else { return [] }
        let monitors = ContainerMonitor.all(program: program).compactMap { monitor in
            monitor.job(in: jobs).flatMap { isWanted($0) ? LeakedMonitor(job: $0, monitor: monitor) : nil }
        }
        if monitors.isEmpty { return [] }
        // Asked after the monitors were found: a container is recorded before its monitor is started.
        var known: Set<JobID> = []
        for job in Set(monitors.map(\.job)) {
            let labels = ContainerLabels(job: job, state: stateID)
            if try !names(of: labels).isEmpty { known.insert(job) }
        }
        return monitors.filter { !known.contains($0.job) }
    }

    /// Ends monitors, with their containers, that ``leakedMonitors(in:stateID:where:)`` found and that do not end by themselves.
    ///
    /// - Returns: those that had to be ended.
    package func endMonitors(_ monitors: [LeakedMonitor]) -> [LeakedMonitor] {
        // One whose container has just been removed is still at its last work.
        let leaked = monitors.filter { !$0.monitor.waitForEnd() }
        for leak in leaked { leak.monitor.end() }
        return leaked
    }

    /// Where the end of a job's container will be noted; `nil` if the engine notes it nowhere that we know.
    ///
    /// - Parameters:
    ///   - jobs: the directory of all jobs.
    ///   - monitor: the container's, if it was seen while the container ran; else it is looked for when it is needed.
    package func exitNotice(
        of containerID: String, job: JobID, in jobs: String, monitor: ContainerMonitor?
    ) -> (any ExitNotice)? {
        if let directory = facts.exitDirectory {
            return ExitFile(directory: directory, containerID: containerID) {
                (monitor ?? self.monitor(of: job, in: jobs))?.process
            }
        }
        return facts.daemonRecord(of: containerID)
    }
}
