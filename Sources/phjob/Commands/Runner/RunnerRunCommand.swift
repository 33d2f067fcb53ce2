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
            """,
        examples: [("phjob runner run", "what a service manager calls")])
    static let arguments: [ArgumentSpec<Self>] = []

    func run(_ context: Context) throws -> Int32 {
        let paths = try context.paths()
        try Paths.checkSocket(paths.socket)
        // It must not keep the directory that it happened to be started from.
        chdir("/")
        let runner: Runner
        do {
            runner = try Runner(
                RunnerConfiguration(
                    stateDirectory: paths.state, cataloguePath: paths.catalogue, socketPath: paths.socket,
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
