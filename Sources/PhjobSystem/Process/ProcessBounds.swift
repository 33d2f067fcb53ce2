/// What a program is started under that may be made to read or write without end by others.
package struct ProcessBounds: Sendable, Equatable {
    /// Bytes of private writable memory, of it and of each program that it starts (setrlimit(2), `RLIMIT_DATA`).
    package var memory: Int64
    /// From 0 to 1000, which the kernel ends first when memory runs out (proc(5), `oom_score_adj`). Raising it needs no
    /// privilege.
    package var oomScoreAdjustment: Int
    /// Its working directory.
    package var directory: String

    package init(memory: Int64, oomScoreAdjustment: Int, directory: String) {
        self.memory = memory
        self.oomScoreAdjustment = oomScoreAdjustment
        self.directory = directory
    }

    /// Where a limit that is in force may not be raised, `ulimit` fails, and the lower one stays.
    ///
    /// The limits are in force before the program's first instruction: set from outside, they would come after it has
    /// started processes of its own. The shell interprets this text alone; the command's words are its parameters.
    private static let script = """
        ulimit -d "$1" 2>/dev/null
        echo "$2" 2>/dev/null >/proc/self/oom_score_adj
        cd "$3" || exit 126
        shift 3
        exec "$@"
        """

    /// The command that starts `command` under these bounds.
    func applied(to command: ProcessCommand) -> ProcessCommand {
        let bounds = ["\(memory / 1024)", "\(oomScoreAdjustment)", directory]
        return ProcessCommand(
            "/bin/sh", ["-c", Self.script, "sh"] + bounds + [command.executable] + command.arguments,
            environment: command.environment)
    }
}
