import Glibc
import PhjobArguments
import PhjobCore
import PhjobRunner

/// `phjob runner run`
struct RunnerRunCommand: Command {
    static let info = CommandInfo(
        name: "run", summary: "be the runner, in the foreground",
        discussion: """
            Serves until SIGTERM, SIGINT, or 'phjob runner stop'; running jobs run on. Its log goes to stderr. Ends with 75 if \
            another runner is at work on the state directory.

            With --system it serves everybody on this machine, and must be root: state in \(Paths.systemState), catalogue \
            \(Paths.systemCatalogue), socket \(Paths.systemSocket), unless PHJOB_STATE, PHJOB_CONFIG or PHJOB_SOCKET say \
            otherwise. It tells systemd when it serves (Type=notify).
            """,
        examples: [
            ("phjob runner run", "your own, to see its log"),
            ("phjob runner run --system", "what a service manager calls"),
        ])
    static let arguments: [ArgumentSpec<Self>] = []

    func run(_ context: Context) throws -> Int32 {
        // Not what a client would choose: a runner for everybody is one only if that was asked for.
        let mode = context.demandedMode ?? .personal
        let paths = try context.setup(mode).paths
        try Paths.checkSocket(paths.socket)
        // It must not keep the directory that it happened to be started from.
        chdir("/")
        let runner: Runner
        do {
            runner = try Runner(
                RunnerConfiguration(
                    mode: mode, stateDirectory: paths.state, cataloguePath: paths.catalogue, socketPath: paths.socket,
                    environment: context.environment, version: Version.number))
        } catch {
            guard error.code == .conflict else { throw error }
            context.report(error)
            return PersonalRunner.alreadyRunningStatus
        }
        try runner.run()
        return 0
    }
}
