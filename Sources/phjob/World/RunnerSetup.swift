import Glibc
import PhjobRunner

/// The runner that a command means: which, where its things are, and the way to it.
struct RunnerSetup: Sendable {
    var choice: RunnerChoice
    var paths: Paths
    var finder: any RunnerFinder

    /// - Parameters:
    ///   - demanded: what `--system` or `--personal` asks for.
    ///   - home: the user's home directory where `HOME` says nothing.
    /// - Throws: if there is no home directory for a personal runner's things.
    init(
        demanded: RunnerMode?, environment: [String: String], home: @escaping @autoclosure () -> String?,
        workingDirectory: String
    ) throws {
        let personal = {
            try Paths(environment: environment, uid: geteuid(), home: home(), workingDirectory: workingDirectory)
        }
        choice = RunnerChoice.decide(
            demanded: demanded, environment: environment,
            on: RunnerChoice.Machine(
                hasSystemSocket: { access(Paths.systemSocket, F_OK) == 0 },
                hasSystemCatalogue: { access(Paths.systemCatalogue, F_OK) == 0 },
                hasOwnCatalogue: { (try? personal()).map { access($0.catalogue, F_OK) == 0 } ?? false }))
        switch choice.mode {
        case .system:
            paths = Paths.system(environment: environment, workingDirectory: workingDirectory)
            finder = SystemRunner(socket: paths.socket)
        case .personal:
            paths = try personal()
            finder = PersonalRunner(paths: paths, environment: environment)
        }
    }

    init(choice: RunnerChoice, paths: Paths, finder: any RunnerFinder) {
        self.choice = choice
        self.paths = paths
        self.finder = finder
    }
}
