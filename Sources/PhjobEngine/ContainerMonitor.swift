package import Glibc
package import PhjobCore
package import PhjobSystem

/// The process that podman leaves beside each container, to keep its output and its exit code (conmon(8)).
///
/// A client that is killed while it launches can leave one with a container that podman then forgets: `podman rm --force` does
/// not end it.
///
/// It is recognised by what the owner of a process cannot choose, never by its arguments: the file that it runs is the one
/// that `podman info` names, which is root's and still there, and all of its uids are ours. Whose container it looks after
/// shows in files that only we can make. What cannot be read is no monitor.
package struct ContainerMonitor: Sendable, Equatable {
    package let process: ProcessEntry
    /// The path of the program that it runs.
    private let program: String

    /// Seconds that a monitor gets to end after its container has.
    private static let endTimeout = 5.0

    /// - Parameter program: the path that `podman info` gives for conmon.
    /// - Returns: `nil` if `pid` is none of our monitors.
    package init?(_ pid: pid_t, program: String) {
        // The file twice: a process may begin another program in between.
        guard ProcessProgram(of: pid)?.isProgram(at: program) == true, let entry = ProcessTable.entry(of: pid),
            entry.isOurs, ProcessProgram(of: pid)?.isProgram(at: program) == true
        else { return nil }
        process = entry
        self.program = program
    }

    /// The monitor of a container.
    ///
    /// - Parameter pid: the container's first process, whose parent the monitor is.
    package init?(ofProcess pid: pid_t, program: String) {
        guard let parent = ProcessTable.parent(of: pid) else { return nil }
        self.init(parent, program: program)
    }

    /// All that there are, of any state directory of ours.
    package static func all(program: String) -> [ContainerMonitor] {
        ProcessProgram.candidates(for: program).compactMap { ContainerMonitor($0, program: program) }
    }

    /// The job whose container it looks after: it has the job's log open, or its container has the job's launcher mounted.
    ///
    /// - Parameter jobs: the directory of all jobs, which only we can enter.
    /// - Returns: `nil` if it is a job of another state directory, or of none.
    package func job(in jobs: String) -> JobID? {
        guard let root = try? Directory.resolved(jobs) else { return nil }
        let ofFile = ProcessFiles.open(in: process.pid).lazy.compactMap { Self.job(ofFile: $0, in: root) }.first
        // One that fails to start its container has closed its files, and waits for the container's first process.
        return ofFile
            ?? ProcessTable.children(of: process.pid).lazy.flatMap { ProcessFiles.mounted(in: $0.pid) }.compactMap {
                Self.job(ofMount: $0)
            }.first { access("\(root)/\($0)", F_OK) == 0 }
    }

    /// - Parameter path: of a file in the directory of a job, such as `<jobs>/<id>/log`.
    static func job(ofFile path: String, in jobs: String) -> JobID? {
        guard path.hasPrefix("\(jobs)/") else { return nil }
        let rest = path.dropFirst(jobs.count + 1).split(separator: "/", maxSplits: 1)
        return rest.count == 2 ? JobID(String(rest[0])) : nil
    }

    /// - Parameter path: of the launcher's directory below the root of its file system: `…/jobs/<id>/run`.
    static func job(ofMount path: String) -> JobID? {
        let parts = path.split(separator: "/").prefix { $0 != "deleted" }.suffix(3)
        guard parts.count == 3, parts.first == "jobs", parts.last == "run" else { return nil }
        return parts.dropFirst().first.flatMap { JobID(String($0)) }
    }

    /// Waits until it has ended.
    ///
    /// - Returns: false if it has not, after some seconds.
    func waitForEnd() -> Bool {
        guard let descriptor = PidDescriptor.open(pid: process.pid, startTicks: process.startTicks) else { return true }
        return (try? Poll.readable([descriptor.number], until: Monotonic.now.adding(seconds: Self.endTimeout)))
            == [true]
    }

    /// Ends its container, and itself if it does not follow. What the OCI runtime has noted of the container, a few files in
    /// memory, stays until the next boot: podman has no command for it.
    func end() {
        let isStillMonitor = { ContainerMonitor(process.pid, program: program) == self }
        for child in ProcessTable.children(of: process.pid) {
            // As long as the monitor lives, a process whose parent it is can only be its own.
            child.kill { isStillMonitor() && ProcessTable.parent(of: child.pid) == process.pid }
        }
        if !waitForEnd() { process.kill(if: isStillMonitor) }
    }
}
