import Glibc

/// Whether systemd is ending what runs here: the whole machine, or all that a user has left running.
///
/// systemd stops the control groups of containers at the same time as the services and clients that look after them, so what ends
/// meanwhile did not end by itself, whatever its exit code says.
package struct Shutdown: Sendable {
    package enum Scope: Sendable, Equatable {
        case machine
        /// The user's service manager, which logind stops some seconds after the last log-out (logind.conf(5),
        /// `UserStopDelaySec`), unless the user lingers (loginctl(1)).
        case user
    }

    /// Seconds that systemd gets to answer.
    private static let timeout = 5.0
    private let systemd: String
    private let systemctl: String?
    private let environment: [String: String]
    private let isRoot: Bool

    /// - Parameters:
    ///   - systemd: what is there if systemd runs the machine (sd_booted(3)).
    ///   - environment: this process's own.
    ///   - isRoot: root's processes are the machine's.
    package init(
        systemd: String = "/run/systemd/system", environment: [String: String], isRoot: Bool = geteuid() == 0
    ) {
        self.systemd = systemd
        self.isRoot = isRoot
        let path = (environment["PATH"].map { $0 + ":" } ?? "") + "/usr/bin:/bin"
        systemctl = ExecutableLookup.find("systemctl", path: path)
        var client = environment.filter { ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"].contains($0.key) }
        client["PATH"] = path
        self.environment = client
    }

    /// What is being ended now; `nil` if nothing is, or nothing can be told. Asks systemd, and blocks for up to ten seconds.
    ///
    /// The answer is `stopping` from the moment on at which a shutdown is queued, before anything is stopped (systemctl(1),
    /// `is-system-running`). It needs no message bus for root, whom systemd answers directly.
    package func underWay() -> Scope? {
        guard let systemctl, access(systemd, F_OK) == 0 else { return nil }
        if isStopping(systemctl, []) { return .machine }
        return !isRoot && isStopping(systemctl, ["--user"]) ? .user : nil
    }

    private func isStopping(_ systemctl: String, _ manager: [String]) -> Bool {
        let command = ProcessCommand(systemctl, manager + ["is-system-running"], environment: environment)
        // Its exit status is not 0 for any word but `running`.
        let result = try? ChildProcess(command, timeout: Self.timeout, captureLimit: 4096).run()
        return result?.output.text.split(whereSeparator: \.isWhitespace).first == "stopping"
    }
}
