import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// The real `phjob` as the runner for everybody, at places of a test's own, and an ordinary user who calls it. Needs root.
final class SystemService: Sendable {
    let engine: LiveEngine
    let user: Person
    /// Root's alone, and open to be passed: `state`, `config.json`, `run/phjob.sock`, and the program.
    let directory: TemporaryDirectory
    private let process = Mutex<ReapedProcess?>(nil)

    var socket: String { directory("run/phjob.sock") }
    var binary: String { directory("phjob") }

    /// What the runner finds in its environment, and root's commands.
    let environment: [String: String]
    /// What a user's commands find: nothing of the engine's.
    var userEnvironment: [String: String] {
        ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "PHJOB_SOCKET": socket]
    }

    private init(_ engine: LiveEngine, _ user: Person) throws {
        self.engine = engine
        self.user = user
        directory = try TemporaryDirectory(in: "/var/lib")
        chmod(directory.path, 0o755)
        try directory.copy(program: LivePhjob.binary, to: "phjob")
        var environment = LiveEngine.clientEnvironment.merging(["LANG": "C.UTF-8"]) { $1 }
        environment["PHJOB_STATE"] = directory("state")
        environment["PHJOB_CONFIG"] = directory("config.json")
        environment["PHJOB_SOCKET"] = directory("run/phjob.sock")
        self.environment = environment
        let catalogue = LiveCatalogue(engine: engine.rawValue, users: [user.name])
        try directory.write(JSONBody.encode(catalogue.json), to: "config.json", mode: 0o640)
    }

    /// Runs `body`, which may block, beside the tests that use as much of the machine; then ends all that was started.
    static func with(
        _ engine: LiveEngine, _ body: @escaping @Sendable (SystemService) throws -> Void
    ) async throws {
        await Gate.engines.enter(weight: 1)
        do {
            try await onThread {
                let user = try Person("phjo\(UInt32.random(in: 0 ... .max))")
                defer { user.remove() }
                let service = try SystemService(engine, user)
                defer { service.end() }
                try Person.requireLibraries(service.asUser("--version"))
                try body(service)
            }
        } catch {
            await Gate.engines.leave(weight: 1)
            throw error
        }
        await Gate.engines.leave(weight: 1)
    }

    /// Starts the runner, and waits until it answers.
    @discardableResult
    func start(extra: [String: String] = [:]) throws -> ReapedProcess {
        let runner = try launch(extra: extra)
        try blockUntil("the runner serves") {
            try #require(runner.isRunning, "\(log)")
            return (try? UnixSocket.connect(to: socket)) != nil
        }
        return runner
    }

    /// Starts the runner; it may end by itself.
    func launch(extra: [String: String] = [:]) throws -> ReapedProcess {
        let command = ProcessCommand(
            binary, ["runner", "run", "--system"], environment: environment.merging(extra) { $1 })
        let runner = try ReapedProcess(command, log: directory("log"))
        process.withLock { $0 = runner }
        return runner
    }

    var log: String { (try? directory.text("log")) ?? "" }

    /// A command of the user's.
    @discardableResult
    func asUser(_ arguments: String..., extra: [String: String] = [:], timeout: Double = patience) throws -> Output {
        let command = user.command(binary, arguments, environment: userEnvironment.merging(extra) { $1 })
        return Output(try ChildProcess(command, timeout: timeout, captureLimit: 16 << 20).run())
    }

    /// A command of root's.
    @discardableResult
    func asRoot(_ arguments: String..., timeout: Double = patience) throws -> Output {
        let command = ProcessCommand(binary, arguments, environment: environment)
        return Output(try ChildProcess(command, timeout: timeout, captureLimit: 16 << 20).run())
    }

    private func end() {
        if (try? UnixSocket.connect(to: socket)) == nil { _ = try? start() }
        let live = ["--status", "pending", "--status", "preparing", "--status", "running"]
        let cancel = ProcessCommand(binary, ["--system", "cancel", "--yes"] + live, environment: environment)
        _ = try? ChildProcess(cancel, timeout: patience).run()
        // Jobs that have ended take their containers with them.
        do {
            try LivePhjob.poll("no container is left") { try containers().isEmpty }
        } catch {
            Issue.record("left behind: \((try? containers()) ?? []): \(error)")
        }
        process.withLock { runner in
            runner?.signal(SIGTERM)
            if (try? runner?.waitForEnd()) == nil { runner?.signal(SIGKILL) }
        }
        for process in HostProcess.mentioning(directory.path) {
            Issue.record("left behind: \(process.pid) \(process.line)")
            kill(process.pid, SIGKILL)
        }
    }

    private func containers() throws -> [String] {
        guard let id = try? directory.text("state/id").trimmingCharacters(in: .whitespacesAndNewlines) else {
            return []
        }
        return try engine.call("ps", "--all", "--filter=label=phjob.state=\(id)", "--format={{.Names}}").lines
    }
}
