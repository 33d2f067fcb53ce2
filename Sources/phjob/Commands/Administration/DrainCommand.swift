import PhjobAPI
import PhjobArguments

/// `phjob drain`
struct DrainCommand: Command {
    var reason = ""

    static let info = CommandInfo(
        name: "drain", summary: "start no more jobs, and tell everybody why",
        discussion: """
            Running jobs run on, and new ones are taken; they wait, and whoever looks at them sees the reason. It lasts until \
            'phjob resume', also over restarts of the runner and of the machine. For administrators.
            """,
        examples: [
            ("phjob drain --reason 'kernel update at 18:00'", "before maintenance"),
            ("phjob drain --reason update && phjob list --status running", "see what still runs"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .option("--reason", "-r", to: \.reason, value: "text", help: "what everybody is told", required: true)
    ]

    func run(_ context: Context) throws -> Int32 {
        let status = try context.client().drain(reason: reason)
        let running = (status.jobs["Running"] ?? 0) + (status.jobs["Preparing"] ?? 0)
        context.note("no more jobs are started; \(running) still run. 'phjob resume' starts them again")
        return 0
    }
}
