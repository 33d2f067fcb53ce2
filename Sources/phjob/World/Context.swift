import Glibc
import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobRunner
import PhjobSystem

/// Everything that a command uses of the world outside: a test gives it another one.
struct Context: Sendable {
    var environment: [String: String]
    /// The variables whose values are not UTF-8, so that ``environment`` has them only in part.
    var malformedVariables: Set<String> = []
    /// For data.
    var output: TextOutput
    /// For words.
    var errors: TextOutput
    var input: StandardInput
    /// Looked up when it is asked for: where users come from a directory service that may take a while.
    var user: @Sendable () -> UserAccount?
    /// The runner that is meant, by what `--system` and `--personal` ask for.
    var setup: @Sendable (RunnerMode?) throws -> RunnerSetup
    /// What this command's `--system` or `--personal` asks for.
    var demandedMode: RunnerMode?
    var now: @Sendable () -> Timestamp
    /// Begins to collect signals; called at most once, before anything is waited for.
    var interrupts: @Sendable () throws -> Interrupts
    /// The description of all commands.
    var program: @Sendable () -> CommandInfo

    /// The runner that this command means.
    func runner() throws -> RunnerSetup { try setup(demandedMode) }

    /// A client of the runner; a personal one is started if need be.
    ///
    /// - Parameter interrupt: when it becomes readable, requests that wait are given up.
    func client(interrupt: Int32? = nil) throws -> APIClient {
        let finder = try runner().finder
        return APIClient(
            socketPath: finder.usualSocket, interrupt: interrupt, verify: { try finder.verify($0, at: $1) },
            start: { try finder.findOrStart() })
    }

    /// This process's own.
    static func process(program: @escaping @Sendable () -> CommandInfo) -> Context {
        let (environment, malformed) = Self.processEnvironment()
        let user: @Sendable () -> UserAccount? = { UserAccount.current }
        let setup: @Sendable (RunnerMode?) throws -> RunnerSetup = { demanded in
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let directory = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "/"
            return try RunnerSetup(
                demanded: demanded, environment: environment, home: user()?.home, workingDirectory: directory)
        }
        let output = { (descriptor: Int32) in
            TextOutput(DescriptorSink(descriptor: descriptor)) {
                TerminalFacts.of(descriptor: descriptor, environment: environment)
            }
        }
        return Context(
            environment: environment, malformedVariables: malformed, output: output(STDOUT_FILENO),
            errors: output(STDERR_FILENO), input: .process,
            user: user, setup: setup, now: { Timestamp(milliseconds: WallClock.milliseconds) },
            interrupts: { try Interrupts.watching() }, program: program)
    }

    /// - Returns: all variables, and the names of those whose values are not UTF-8.
    private static func processEnvironment() -> ([String: String], Set<String>) {
        var result: [String: String] = [:]
        var malformed: Set<String> = []
        var entry = environ
        while let text = entry.pointee {
            // Of two variables of one name the first counts, as for getenv(3).
            if let equals = strchr(text, Int32(UInt8(ascii: "="))) {
                let name = String(decoding: UnsafeRawBufferPointer(start: text, count: equals - text), as: UTF8.self)
                if result[name] == nil {
                    let value = RawText.bytes(equals + 1)
                    if String(validating: value, as: UTF8.self) == nil { malformed.insert(name) }
                    result[name] = String(decoding: value, as: UTF8.self)
                }
            }
            entry += 1
        }
        return (result, malformed)
    }
}
