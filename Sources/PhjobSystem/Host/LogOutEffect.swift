import Glibc

/// What a user's log-out does to the runner and the jobs that the user has left running, where systemd runs the machine and the
/// user does not linger (loginctl(1), `enable-linger`).
package enum LogOutEffect: Sendable, Equatable {
    /// logind stops the user's service manager some seconds after the last log-out, and all that it looks after.
    case endsAll
    /// The runner is part of the session, whose processes logind leaves alone (logind.conf(5), `KillUserProcesses=no`). As long
    /// as it lives the session is closing, and the service manager stays; with the runner the jobs end too.
    case endsWithRunner

    /// - Parameters:
    ///   - lingers: `nil` where no systemd decides.
    ///   - controlGroups: the text of proc(5)'s `cgroup` of the runner.
    ///   - killsUserProcesses: asked only of a runner in a session; `nil` if logind does not tell.
    /// - Returns: `nil` if runner and jobs outlive the log-out.
    package static func of(
        lingers: Bool?, controlGroups: String, killsUserProcesses: () -> Bool?
    ) -> LogOutEffect? {
        guard lingers == false else { return nil }
        let isInSession = controlGroups.split(separator: "\n").contains { line in
            line.split(separator: "/").last?.hasPrefix("session-") == true && line.hasSuffix(".scope")
        }
        return isInSession && killsUserProcesses() == false ? .endsWithRunner : .endsAll
    }

    /// What a log-out does to this process and its jobs.
    package static func here(for user: String) -> LogOutEffect? {
        let bytes = try? Descriptor(opening: "/proc/self/cgroup", flags: O_RDONLY).readAll(limit: 64 << 10)
        return of(
            lingers: Lingering().isOn(for: user), controlGroups: String(decoding: bytes ?? [], as: UTF8.self),
            killsUserProcesses: { killsUserProcesses })
    }

    /// logind's setting, asked once (loginctl(1): without an argument `show-session` shows the manager's own properties).
    private static let killsUserProcesses: Bool? = {
        guard let loginctl = ExecutableLookup.find("loginctl", path: "/usr/bin:/bin") else { return nil }
        let command = ProcessCommand(
            loginctl, ["show-session", "--property=KillUserProcesses"], environment: ["PATH": "/usr/bin:/bin"])
        let result = try? ChildProcess(command, timeout: 5, captureLimit: 4096).run()
        switch result?.output.text.split(whereSeparator: \.isWhitespace).first {
        case "KillUserProcesses=yes": return true
        case "KillUserProcesses=no": return false
        default: return nil
        }
    }()
}
