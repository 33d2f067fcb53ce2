import Glibc
import PhjobSystem
import PhjobTestSupport

/// One run of the real `phjob runner run`.
struct RunnerProcess {
    let pid: pid_t
    let startTime = Monotonic.now

    init(_ world: TortureWorld) throws {
        pid = try Detached.start(
            ProcessCommand(world.binary, ["runner", "run"], environment: world.environment), log: world.runnerLog)
    }

    /// How it ended; nil if it runs.
    func end() -> String? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        return status & 0x7f == 0 ? "exit \(status >> 8 & 0xff)" : "signal \(status & 0x7f)"
    }

    /// SIGKILL.
    ///
    /// - Parameter clients: whether the engine's clients that it has started are killed with it.
    func kill(withClients clients: Bool = false) throws {
        let children = clients ? try HostProcess.children(of: pid) : []
        for process in [pid] + children { Glibc.kill(process, SIGKILL) }
        _ = try waitForEnd(within: 20)
    }

    /// SIGTERM.
    func terminate() { Glibc.kill(pid, SIGTERM) }

    /// - Returns: how it ended.
    func waitForEnd(within seconds: Double) throws -> String {
        var found: String?
        try blockUntil(within: seconds, "the runner ends") {
            found = end()
            return found != nil
        }
        return found ?? ""
    }
}
