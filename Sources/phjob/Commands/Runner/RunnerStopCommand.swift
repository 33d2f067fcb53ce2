import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobStore
import PhjobSystem

/// `phjob runner stop`
struct RunnerStopCommand: Command {
    static let info = CommandInfo(
        name: "stop", summary: "stop the runner; running jobs run on",
        discussion: """
            Waiting jobs wait, and running jobs run on in their containers; the next runner takes them over. The next command \
            that needs the runner starts it; so does one that waits for a job, after ten seconds.
            """,
        examples: [("phjob runner stop", "before an update, for example")])
    static let arguments: [ArgumentSpec<Self>] = []

    private static let timeout = 30.0

    func run(_ context: Context) throws -> Int32 {
        let lock = StateLayout(root: try context.paths().state).lock
        guard let socket = try context.runner().find() else {
            guard FileLock.isHeld(path: lock) else {
                context.note("the runner is not running")
                return 0
            }
            throw PhjobError(
                .unavailable, "a runner holds \(lock), and does not answer",
                hint: "the file names its pid; it ends on SIGTERM")
        }
        try APIClient(socketPath: socket).stopRunner()
        let deadline = Monotonic.now.adding(seconds: Self.timeout)
        while FileLock.isHeld(path: lock) {
            guard deadline > .now else {
                throw PhjobError(
                    .unavailable, "the runner has not stopped after \(Int(Self.timeout)) seconds", hint: "see its log")
            }
            _ = try Poll.readable([], until: Monotonic.now.adding(seconds: 0.02))
        }
        context.note("the runner has stopped; running jobs run on")
        return 0
    }
}
