import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

/// Places that somebody but root could write to are refused by a runner for everybody.
@Suite(.enabled(if: HostProcess.isRoot, "only root can be the runner for everybody"))
struct SystemPlacesTests {
    private let directory: TemporaryDirectory
    private var configuration: RunnerConfiguration {
        RunnerConfiguration(
            mode: .system, stateDirectory: directory("state"), cataloguePath: directory("etc/config.json"),
            socketPath: directory("run/deep/phjob.sock"), environment: [:], version: "test")
    }

    init() throws {
        directory = try TemporaryDirectory(in: "/var/lib")
        mkdir(directory("etc"), 0o755)
        try directory.write("{}", to: "etc/config.json", mode: 0o640)
    }

    private func problem() -> String? {
        do {
            try SystemPlaces.prepare(configuration)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func whatIsMissingIsMadeWhateverTheUmaskIs() async throws {
        let (directory, configuration) = (directory, configuration)
        await #expect(processExitsWith: .success) {
            [
                state = configuration.stateDirectory as String, catalogue = configuration.cataloguePath as String,
                socket = configuration.socketPath as String
            ] in
            umask(0o077)
            try SystemPlaces.prepare(
                RunnerConfiguration(
                    mode: .system, stateDirectory: state, cataloguePath: catalogue, socketPath: socket,
                    environment: [:],
                    version: "test"))
        }
        #expect(directory.mode("state") == 0o700)
        #expect(directory.mode("run") == 0o755)
        #expect(directory.mode("run/deep") == 0o755)
        #expect(problem() == nil)
    }

    /// Shutting people out by the mode of the socket's directory is an administrator's right.
    @Test func stricterModesThanUsualAreKept() throws {
        try SystemPlaces.prepare(configuration)
        chmod(directory("run/deep"), 0o750)
        chmod(directory("state"), 0o500)
        #expect(problem() == nil)
        #expect(directory.mode("run/deep") == 0o750)
    }

    @Test(
        arguments: [
            ("run/deep", 0o775, "the directory of the socket"), ("run/deep", 0o757, "the directory of the socket"),
            ("run", 0o1777, "the directory of the socket is not safe"), ("state", 0o750, "the state directory"),
            ("state", 0o701, "the state directory"), ("state", 0o777, "the state directory"),
            ("etc", 0o775, "the directory of the catalogue"), ("etc/config.json", 0o660, "the catalogue"),
            ("etc/config.json", 0o646, "the catalogue"),
        ] as [(String, mode_t, String)])
    func whatOthersMayWriteToIsRefused(_ name: String, mode: mode_t, words: String) throws {
        try SystemPlaces.prepare(configuration)
        chmod(directory(name), mode)
        let problem = try #require(self.problem())
        #expect(problem.hasPrefix(words), "\(problem)")
        #expect(problem.contains("by others than root"), "\(problem)")
    }

    @Test(arguments: ["run/deep", "run", "state", "etc", "etc/config.json"])
    func whatBelongsToOthersIsRefused(_ name: String) throws {
        try SystemPlaces.prepare(configuration)
        chown(directory(name), 12345, 0)
        let problem = try #require(self.problem())
        #expect(problem.contains("belongs to uid 12345"), "\(problem)")
    }

    @Test(arguments: ["run/deep", "state", "etc/config.json"]) func linksAreRefused(_ name: String) throws {
        try SystemPlaces.prepare(configuration)
        rename(directory(name), directory("moved"))
        symlink(directory("moved"), directory(name))
        let problem = try #require(self.problem())
        #expect(problem.contains("symbolic link") || problem.contains("is no regular file"), "\(problem)")
    }

    @Test func aCatalogueThatIsMissingIsForOthersToTell() throws {
        unlink(directory("etc/config.json"))
        #expect(problem() == nil)
    }
}
