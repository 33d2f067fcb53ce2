import Glibc

/// A control group of its own below a user's service manager, for a program that is not to end, or stay, with the login session
/// that it is started from (systemd-run(1), `--scope`).
package struct UserScope: Sendable {
    private let executable: String

    /// `nil` where there is no such manager, or it makes no scope: then the program is started as it is.
    ///
    /// Makes one for `true`, to see; that takes some milliseconds.
    ///
    /// - Parameters:
    ///   - environment: this process's own, in which the manager is found.
    ///   - isRoot: root's programs are the machine's.
    package init?(environment: [String: String], isRoot: Bool = geteuid() == 0) {
        guard !isRoot, let directory = environment["XDG_RUNTIME_DIR"],
            access("\(directory)/systemd/private", F_OK) == 0,
            let executable = ExecutableLookup.find("systemd-run", path: environment["PATH"] ?? "/usr/bin:/bin")
        else { return nil }
        self.executable = executable
        let trial = wrap(ProcessCommand("/bin/true", [], environment: environment))
        guard let result = try? ChildProcess(trial, timeout: 10, captureLimit: 4096).run(), result.isSuccess else {
            return nil
        }
    }

    /// The command that starts `command` in a new scope, as the same process: what it ends with is the command's own.
    package func wrap(_ command: ProcessCommand) -> ProcessCommand {
        let options = ["--user", "--scope", "--quiet", "--collect", "--description=phjob runner"]
        return ProcessCommand(
            executable, options + ["--", command.executable] + command.arguments, environment: command.environment)
    }
}
