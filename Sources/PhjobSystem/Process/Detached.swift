import CPhjobLinux
import Glibc

/// Starts a program that outlives this one: in a session of its own, away from the terminal and its signals
/// (setsid(2)).
package enum Detached {
    /// Starts `command` with no input, and its output and errors appended to the file `log`.
    ///
    /// `Process` puts every child into a process group of its own, whose leader cannot begin a session, so this uses
    /// posix_spawn(3) itself. No other descriptors are inherited: whoever started us may have left some open, such as a
    /// lock of a shell script's. Signals that were ignored or blocked are not so any more.
    ///
    /// - Returns: the process's number.
    @discardableResult
    package static func start(_ command: ProcessCommand, log: String) throws(SystemError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, phjob_POSIX_SPAWN_SETSID | flags)
        let arguments = ([command.executable] + command.arguments).map { strdup($0) } + [nil]
        let environment = command.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        markCloseOnExec()
        var pid: pid_t = 0
        let result = posix_spawn(&pid, command.executable, &actions, &attributes, arguments, environment)
        guard result == 0 else { throw SystemError("cannot start \(command.executable)", number: result) }
        return pid
    }

    private static func markCloseOnExec() {
        guard let open = try? Directory.open("/proc/self/fd"), let names = try? Directory.names(in: open) else {
            return
        }
        for number in names.compactMap({ Int32($0) }) where number > 2 { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    }
}
