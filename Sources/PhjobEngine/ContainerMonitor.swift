import Glibc
package import PhjobCore
package import PhjobSystem

/// The process that podman leaves beside each container, to keep its output and its exit code (conmon(8)).
///
/// A client that is killed while it launches can leave one with a container that podman then forgets: `podman rm --force` does
/// not end it.
package struct ContainerMonitor: Sendable, Equatable {
    package let process: ProcessEntry
    package let job: JobID
    /// The engine's id of its container.
    package let containerID: String
    /// The OCI runtime's absolute path.
    private let runtime: String
    /// Where it writes its container's exit code when it has read all of the output (conmon(8), `--exit-dir`).
    package let exitFile: ExitFile?

    /// Seconds that a monitor gets to end after its container has.
    private static let patience = 5.0

    /// Nil if `process` is no monitor of a job's container that was started with our rights.
    ///
    /// Its arguments name a program that is run to end it, so nobody else's are ever believed.
    package init?(_ process: ProcessEntry) {
        let arguments = process.arguments
        guard arguments.first?.split(separator: "/").last == "conmon", process.isOurs else { return nil }
        let value = { (option: String) in
            arguments.firstIndex(of: option).flatMap { arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil }
        }
        guard let name = value("-n"), let job = JobID(String(name.trimmingPrefix("phjob-"))), job.containerName == name,
            let id = value("-c"), id.utf8.count == 64, id.allSatisfy(\.isHexDigit), let runtime = value("-r"),
            runtime.hasPrefix("/")
        else { return nil }
        self.process = process
        self.job = job
        containerID = id
        self.runtime = runtime
        exitFile = value("--exit-dir").map { ExitFile(directory: $0, containerID: id, monitor: process) }
    }

    /// The monitor of a container.
    ///
    /// - Parameter pid: the container's first process, whose parent the monitor is.
    package init?(ofContainer id: String, process pid: Int32) {
        guard let parent = ProcessTable.parent(of: pid), let monitor = ContainerMonitor(parent),
            monitor.containerID == id
        else { return nil }
        self = monitor
    }

    /// All that there are, of any state directory of ours.
    package static var all: [ContainerMonitor] {
        ProcessTable.entries { $0.first?.hasSuffix("conmon") == true }.compactMap { ContainerMonitor($0) }
    }

    /// Waits until it has ended.
    ///
    /// - Returns: false if it has not, after some seconds.
    func waitForEnd() -> Bool {
        guard let descriptor = PidDescriptor.open(pid: process.pid, startTicks: process.startTicks) else { return true }
        return (try? Poll.readable([descriptor.number], until: Monotonic.now.adding(seconds: Self.patience))) == [true]
    }

    /// Ends its container, then itself, and removes what the runtime kept of the container.
    ///
    /// - Parameter environment: of the engine's clients; the runtime finds its own state by it.
    func end(environment: [String: String]) {
        for child in ProcessTable.entries(where: { _ in true }) where child.parent == process.pid { child.kill() }
        if !waitForEnd() { process.kill() }
        let removal = ProcessCommand(runtime, ["delete", "--force", containerID], environment: environment)
        // It may know nothing of the container, which is as well.
        _ = try? ChildProcess(removal, timeout: 60).run()
    }
}
