import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// The real `phjob` with a state directory, catalogue, volume and runner of a test's own, on a real engine.
///
/// All that it leaves behind is a failure of the test: containers, processes, files.
final class LivePhjob: Sendable {
    let engine: LiveEngine
    /// All files are below it: `state`, `config.json`, `volume`, `datasets`, `outside`.
    let directory: TemporaryDirectory
    let environment: [String: String]
    /// Who runs it, if it is not the one who runs the tests.
    let user: TemporaryUser?
    /// What a client of the engine needs to find it.
    let engineEnvironment: [String: String]

    /// The program, beside this test's own unless `PHJOB_TEST_BINARY` names another.
    static let binary: String = {
        if let path = LiveEngine.environment["PHJOB_TEST_BINARY"] { return path }
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/phjob"
    }()

    private init(_ engine: LiveEngine, blocking: Bool, user: TemporaryUser?, docker: PrivateDocker?) throws {
        self.engine = engine
        self.user = user
        directory = try TemporaryDirectory()
        for name in ["volume", "data", "writable", "outside"] { try Directory.create(directory(name)) }
        // A zone of its own shows that jobs get it.
        var environment = ["LANG": "C.UTF-8", "TZ": "Asia/Taipei"]
        engineEnvironment = user?.environment ?? docker?.clientEnvironment ?? LiveEngine.clientEnvironment
        environment.merge(engineEnvironment) { $1 }
        if blocking { environment["PATH"] = "\(directory("bin")):\(environment["PATH"] ?? "/usr/bin:/bin")" }
        environment["PHJOB_STATE"] = directory("state")
        environment["PHJOB_CONFIG"] = directory("config.json")
        self.environment = environment
    }

    /// Runs `body`, which may block, with a phjob of its own; then ends all that it started.
    ///
    /// - Parameters:
    ///   - weight: how much of the machine it needs, of 1 to 4.
    ///   - blocking: whether a ``BlockingEngine`` stands before the real one.
    ///   - user: who runs it, if it is not the one who runs the tests.
    ///   - docker: the daemon to use in place of the machine's.
    ///   - configure: changes the catalogue.
    static func with(
        _ engine: LiveEngine, weight: Int = 1, blocking: Bool = false, user: TemporaryUser? = nil,
        docker: PrivateDocker? = nil,
        configure: @escaping @Sendable (LivePhjob, inout LiveCatalogue) throws -> Void = { _, _ in },
        _ body: @escaping @Sendable (LivePhjob) throws -> Void
    ) async throws {
        await Gate.engines.enter(weight: weight)
        do {
            try await onThread {
                let phjob = try LivePhjob(engine, blocking: blocking, user: user, docker: docker)
                defer { phjob.end() }
                try phjob.writeCatalogue { try configure(phjob, &$0) }
                try body(phjob)
            }
        } catch {
            await Gate.engines.leave(weight: weight)
            throw error
        }
        await Gate.engines.leave(weight: weight)
    }

    // MARK: - The catalogue

    func writeCatalogue(_ configure: (inout LiveCatalogue) throws -> Void = { _ in }) throws {
        let name = try #require(user?.name ?? UserAccount.current?.name)
        var catalogue = LiveCatalogue(engine: engine.rawValue, users: [name], volume: directory("volume"))
        if user != nil { catalogue.engineVariables = [:] }
        catalogue.datasets = [
            LiveCatalogue.dataset("data", directory("data")),
            LiveCatalogue.dataset("writable", directory("writable"), writable: true),
        ]
        try configure(&catalogue)
        try directory.write(JSONBody.encode(catalogue.json), to: "config.json")
        guard let user else { return }
        try #require(try HostProcess.shell("chown -R \(user.name): '\(directory.path)'").isSuccess)
    }

    // MARK: - Commands

    /// Runs a command to its end.
    @discardableResult
    func callAsFunction(_ arguments: String..., timeout: Double = patience, extra: [String: String] = [:]) throws
        -> Output
    {
        try run(arguments, timeout: timeout, extra: extra)
    }

    @discardableResult
    func run(_ arguments: [String], timeout: Double = patience, extra: [String: String] = [:]) throws -> Output {
        let environment = environment.merging(extra) { $1 }
        let command =
            user.map { $0.command($0.binary, arguments, environment: environment) }
            ?? ProcessCommand(Self.binary, arguments, environment: environment)
        return Output(try ChildProcess(command, timeout: timeout, captureLimit: 64 << 20).run())
    }

    /// Runs a script of sh in which `$PHJOB` is the program.
    func shell(_ script: String, timeout: Double = patience) throws -> Output {
        let environment = environment.merging(["PHJOB": Self.binary]) { $1 }
        let command = ProcessCommand("/bin/sh", ["-c", script], environment: environment)
        return Output(try ChildProcess(command, timeout: timeout, captureLimit: 64 << 20).run())
    }

    /// Starts a command in the background.
    func start(_ arguments: String...) throws -> BackgroundCommand {
        try BackgroundCommand(Self.binary, arguments, environment: environment, directory: directory)
    }

    /// Submits a job that is a line of shell.
    func submit(_ script: String, _ options: String..., line: UInt = #line) throws -> JobID {
        let output = try run(["submit"] + options + ["--", script])
        try #require(output.status == 0, "line \(line): \(output.errors)")
        return try #require(JobID(output.text.trimmingCharacters(in: .newlines)))
    }

    /// Waits for a job's end, and for its log to be whole.
    @discardableResult
    func end(of id: JobID, within seconds: Double = patience) throws -> JobView {
        _ = try self("wait", id.text, timeout: seconds)
        var job = try get(id)
        try #require(job.phase.isFinal, "\(job.phase) \(job.message)")
        try Self.poll("the log of \(id) is complete") {
            job = try get(id)
            return job.log.state != .growing
        }
        return job
    }

    func get(_ id: JobID) throws -> JobView {
        let output = try self("get", "--json", id.text)
        try #require(output.status == 0, "\(output.errors)")
        return try JSONBody.decode(JobView.self, from: output.bytes)
    }

    /// Waits until a job is in a phase, or beyond it.
    @discardableResult
    func wait(for phase: JobPhase, of id: JobID, line: UInt = #line) throws -> JobView {
        var job = try get(id)
        try Self.poll("line \(line): \(id) is \(phase)") {
            job = try get(id)
            return job.phase == phase || job.phase.isFinal
        }
        return job
    }

    /// Waits until a job runs and has printed `text`: an engine can be faster than the record.
    func wait(forOutput text: String, of id: JobID, line: UInt = #line) throws {
        try wait(for: .running, of: id, line: line)
        try Self.poll("line \(line): \(id) printed \(text)") {
            if try log(id).text.contains(text) { return true }
            let job = try get(id)
            try #require(!job.phase.isFinal, "line \(line): \(job.phase) \(job.message)")
            return false
        }
    }

    /// Waits for what costs a process to look at.
    static func poll(within seconds: Double = patience, _ what: String, _ condition: () throws -> Bool) throws {
        try blockUntil(within: seconds, what) {
            if try condition() { return true }
            usleep(30_000)
            return false
        }
    }

    /// A job's whole log.
    func log(_ id: JobID, _ options: String...) throws -> Output {
        let output = try run(["logs"] + options + [id.text])
        try #require(output.status == 0, "\(output.errors)")
        return output
    }

    /// The ids of all jobs.
    func jobs() throws -> [String] {
        let output = try self("list", "--all", "--quiet")
        try #require(output.status == 0, "\(output.errors)")
        return output.lines
    }

    // MARK: - The runner

    /// The runner's process; nil if it does not run.
    var runner: pid_t? {
        guard FileLock.isHeld(path: directory("state/runner.lock")),
            let text = try? directory.text("state/runner.lock"),
            case .object(let holder) = try? JSONBody.decode(JSONValue.self, from: Array(text.utf8)),
            case .integer(let pid) = holder["pid"]
        else { return nil }
        return pid_t(pid)
    }

    /// SIGKILL, and waits until it is gone.
    func killRunner() throws {
        let pid = try #require(runner)
        kill(pid, SIGKILL)
        try blockUntil("the runner is gone") { !FileLock.isHeld(path: directory("state/runner.lock")) }
    }

    /// The label of this state directory's containers; nil before the first runner.
    var stateID: String? {
        (try? directory.text("state/id"))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func containers() throws -> [String] {
        guard let stateID else { return [] }
        let arguments = ["ps", "--all", "--filter=label=phjob.state=\(stateID)", "--format={{.Names}}"]
        let output = try user?.podman(arguments) ?? engine.call(arguments, environment: engineEnvironment)
        guard output.status == 0 else { throw EngineFailure(description: output.errors) }
        return output.lines
    }

    func containerName(of id: JobID) -> String { "phjob-\(id)" }
}
