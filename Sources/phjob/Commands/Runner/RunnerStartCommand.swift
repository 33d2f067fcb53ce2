import PhjobAPI
import PhjobArguments

/// `phjob runner start`
struct RunnerStartCommand: Command {
    static let info = CommandInfo(
        name: "start", summary: "start the runner in the background, unless it runs",
        discussion: """
            There is rarely a need to: every command that needs your runner starts it. The one that is for everybody is a service \
            of the machine, which its administrator starts ('systemctl start phjob'); this only tells whether it answers.
            """,
        examples: [("phjob runner start", "so that waiting jobs go on after a reboot")])
    static let arguments: [ArgumentSpec<Self>] = []

    func run(_ context: Context) throws -> Int32 {
        let status = try context.client().status()
        context.note("the runner (pid \(status.pid)) serves \(status.stateDirectory)")
        return 0
    }
}
