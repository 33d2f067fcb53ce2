import Glibc
import PhjobArguments
import PhjobCore
import PhjobHTTP
import PhjobRunner
import PhjobSystem
import PhjobTestSupport
import Synchronization

@testable import phjob

/// Output that is kept.
final class MemorySink: ByteSink {
    private let content = Mutex<[UInt8]>([])

    var bytes: [UInt8] { content.withLock { $0 } }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    func write(_ bytes: UnsafeRawBufferPointer, interrupt: Int32?) throws {
        content.withLock { $0 += bytes }
    }
}

/// A runner at a fixed place, or none.
struct FixedRunner: RunnerFinder {
    var socket: String?

    var usualSocket: String { socket ?? "/nonexistent/phjob.sock" }

    func find() throws -> String? { socket }

    func findOrStart() throws -> String {
        guard let socket else { throw PhjobError(.unavailable, "there is no runner in this test") }
        return socket
    }
}

/// The world outside of a command, as a test wants it; keeps what is printed.
final class TestWorld {
    static let now = Timestamp(milliseconds: 1_795_250_000_000)

    let output = MemorySink()
    let errors = MemorySink()
    let directory: TemporaryDirectory
    var environment: [String: String] = [:]
    var terminal: TerminalFacts?
    var input: [UInt8] = []
    var answers: [String] = []
    var inputIsTerminal = true
    var api: FakeAPI?
    var interrupts = Interrupts.none
    /// The runner that is meant if the command line says nothing.
    var mode = RunnerMode.personal

    init() throws {
        directory = try TemporaryDirectory()
    }

    var context: Context {
        let (environment, terminal, input, interrupts, mode) = (environment, terminal, input, interrupts, mode)
        let root = directory.path
        let runner = FixedRunner(socket: api?.socket)
        let answers = Answers(answers)
        return Context(
            environment: environment, output: TextOutput(output) { terminal }, errors: TextOutput(errors) { terminal },
            input: StandardInput(
                isTerminal: inputIsTerminal,
                readAll: { limit in
                    guard input.count <= limit else { throw SystemError("cannot read more", number: EFBIG) }
                    return input
                },
                readLine: { answers.next() }),
            user: { UserAccount.current },
            setup: { demanded in
                let mode = demanded ?? mode
                let environment = [
                    "PHJOB_STATE": "\(root)/state", "PHJOB_CONFIG": "\(root)/config.json", "HOME": root,
                ]
                return RunnerSetup(
                    choice: RunnerChoice(mode: mode, reason: "the test says so"),
                    paths: mode == .system
                        ? Paths.system(environment: environment, workingDirectory: "/")
                        : try Paths(environment: environment, uid: 0, home: nil, workingDirectory: "/"),
                    finder: runner)
            },
            now: { TestWorld.now }, interrupts: { interrupts },
            program: { PhjobProgram.program.describe() })
    }

    /// A world with a runner that answers by `handler`.
    static func with(
        _ handler: @escaping @Sendable (HTTPExchange) throws -> HTTPResponse?
    ) throws -> (TestWorld, FakeAPI) {
        let api = try FakeAPI(handler)
        let world = try TestWorld()
        world.api = api
        return (world, api)
    }

    /// Runs a command line.
    ///
    /// - Returns: the exit status.
    @discardableResult
    func run(_ line: String) throws -> Int32 {
        Phjob.run(try ShellWords.split(line), context)
    }
}

/// What a person answers, one after another.
final class Answers: Sendable {
    private let rest: Mutex<[String]>

    init(_ answers: [String]) { rest = Mutex(answers) }

    func next() -> String? { rest.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}
