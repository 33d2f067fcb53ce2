import Glibc
import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobSystem

/// Everything that a command uses of the world outside: a test gives it another one.
struct Context: Sendable {
    var environment: [String: String]
    /// For data.
    var output: TextOutput
    /// For words.
    var errors: TextOutput
    var input: StandardInput
    var user: UserAccount?
    var paths: @Sendable () throws -> Paths
    var runner: @Sendable () throws -> any RunnerFinder
    var now: @Sendable () -> Timestamp
    /// Begins to collect signals; called at most once, before anything is waited for.
    var interrupts: @Sendable () throws -> Interrupts
    /// The description of all commands.
    var program: @Sendable () -> CommandInfo

    /// A client of the runner, which is started if need be.
    ///
    /// - Parameter interrupt: when it becomes readable, requests that wait are given up.
    func client(interrupt: Int32? = nil) throws -> APIClient {
        APIClient(socketPath: try runner().findOrStart(), interrupt: interrupt)
    }

    /// This process's own.
    static func process(program: @escaping @Sendable () -> CommandInfo) -> Context {
        let environment = Self.processEnvironment()
        let user = UserAccount.current
        let paths: @Sendable () throws -> Paths = {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let directory = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "/"
            return try Paths(environment: environment, uid: geteuid(), home: user?.home, workingDirectory: directory)
        }
        let output = { (descriptor: Int32) in
            TextOutput(DescriptorSink(descriptor: descriptor)) {
                TerminalFacts.of(descriptor: descriptor, environment: environment)
            }
        }
        return Context(
            environment: environment, output: output(STDOUT_FILENO), errors: output(STDERR_FILENO), input: .process,
            user: user, paths: paths, runner: { PersonalRunner(paths: try paths(), environment: environment) },
            now: {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
            },
            interrupts: { try Interrupts.watching() }, program: program)
    }

    private static func processEnvironment() -> [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return result
    }
}
