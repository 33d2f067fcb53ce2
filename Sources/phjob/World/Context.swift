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
    /// Looked up when it is asked for: where users come from a directory service that may take a while.
    var user: @Sendable () -> UserAccount?
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
        let finder = try runner()
        return APIClient(socketPath: finder.usualSocket, interrupt: interrupt) { try finder.findOrStart() }
    }

    /// This process's own.
    static func process(program: @escaping @Sendable () -> CommandInfo) -> Context {
        let environment = Self.processEnvironment()
        let user: @Sendable () -> UserAccount? = { UserAccount.current }
        let paths: @Sendable () throws -> Paths = {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let directory = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "/"
            return try Paths(environment: environment, uid: geteuid(), home: user()?.home, workingDirectory: directory)
        }
        let output = { (descriptor: Int32) in
            TextOutput(DescriptorSink(descriptor: descriptor)) {
                TerminalFacts.of(descriptor: descriptor, environment: environment)
            }
        }
        return Context(
            environment: environment, output: output(STDOUT_FILENO), errors: output(STDERR_FILENO), input: .process,
            user: user, paths: paths, runner: { PersonalRunner(paths: try paths(), environment: environment) },
            now: { Timestamp(milliseconds: WallClock.milliseconds) },
            interrupts: { try Interrupts.watching() }, program: program)
    }

    private static func processEnvironment() -> [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            // Of two variables of one name the first counts, as for getenv(3).
            if let equals = strchr(text, Int32(UInt8(ascii: "="))) {
                let name = String(decoding: UnsafeRawBufferPointer(start: text, count: equals - text), as: UTF8.self)
                if result[name] == nil { result[name] = String(cString: equals + 1) }
            }
            entry += 1
        }
        return result
    }
}
