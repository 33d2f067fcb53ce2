import Glibc
import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobRunner
import PhjobStore
import PhjobSystem

/// `phjob runner stop`
struct RunnerStopCommand: Command {
    static let info = CommandInfo(
        name: "stop", summary: "stop the runner; running jobs run on",
        discussion: """
            Waiting jobs wait, and running jobs run on in their containers; the next runner takes them over. The next command \
            that needs the runner starts it; so does one that waits for a job, after ten seconds. The runner that is for everybody \
            is stopped by administrators only.
            """,
        examples: [("phjob runner stop", "before an update, for example")])
    static let arguments: [ArgumentSpec<Self>] = []

    private static let timeout = 30.0

    func run(_ context: Context) throws -> Int32 {
        let setup = try context.runner()
        let wasRunning =
            switch setup.choice.mode {
            case .personal: try stop(setup, lock: StateLayout(root: setup.paths.state).lock)
            case .system: try stop(setup)
            }
        guard wasRunning else {
            context.note("the runner is not running")
            return 0
        }
        context.note("the runner has stopped; running jobs run on")
        if setup.choice.mode == .system {
            context.note("systemd starts it again, if it looks after it; 'systemctl stop phjob' keeps it stopped")
        }
        return 0
    }

    /// Stops a personal runner: it has ended when its lock is free.
    private func stop(_ setup: RunnerSetup, lock: String) throws -> Bool {
        if let socket = try setup.finder.find() {
            try setup.finder.client(at: socket).stopRunner()
        } else {
            guard FileLock.isHeld(path: lock) else { return false }
            guard FileLock.signalHolder(of: lock, SIGTERM) != nil else {
                throw PhjobError(
                    .unavailable, "a runner holds \(lock), and does not answer",
                    hint: "the file names its pid; it ends on SIGTERM")
            }
        }
        let deadline = Monotonic.now.adding(seconds: Self.timeout)
        while FileLock.isHeld(path: lock) {
            guard deadline > .now else { throw Self.late }
            _ = try Poll.readable([], until: Monotonic.now.adding(seconds: 0.02))
        }
        return true
    }

    /// Stops a system runner, whose lock only root can see: it has ended when its process has.
    private func stop(_ setup: RunnerSetup) throws -> Bool {
        guard let socket = try setup.finder.find() else { return false }
        let client = setup.finder.client(at: socket)
        let pid = try client.status().pid
        let process = ProcessTable.startTicks(of: pid).flatMap { PidDescriptor.open(pid: pid, startTicks: $0) }
        try client.stopRunner()
        if let process {
            let deadline = Monotonic.now.adding(seconds: Self.timeout)
            guard try Poll.readable([process.number], until: deadline).contains(true) else { throw Self.late }
        }
        return true
    }

    private static var late: PhjobError {
        PhjobError(.unavailable, "the runner has not stopped after \(Int(timeout)) seconds", hint: "see its log")
    }
}
