import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// A runner for everybody, on a real engine, with people of this machine who use it. Needs root.
///
/// Ana is in the Unix group of the group `lab`, and Ben is in its list; both are in `private`, where cancel and logs are the
/// owner's own. Eve is in neither, and in `others`. All that it leaves behind is a failure of the test.
final class LiveServer: Sendable {
    let engine: LiveEngine
    let directory: TemporaryDirectory
    let ana: Person
    let ben: Person
    let eve: Person
    /// The Unix group of the group `lab`.
    let unixGroup: String
    let unixGroupID: gid_t
    private let environment: [String: String]
    private let binary: String
    private let configure: @Sendable (inout [String: JSONValue]) -> Void

    private init(
        _ engine: LiveEngine, _ configure: @escaping @Sendable (inout [String: JSONValue]) -> Void
    ) throws {
        self.engine = engine
        self.configure = configure
        // Volumes are mounted only from where nobody but root can put something else.
        directory = try TemporaryDirectory(in: "/srv")
        chmod(directory.path, 0o755)
        let tag = String(UInt16.random(in: 0 ... .max), radix: 36)
        (ana, ben, eve) = (try Person("phja\(tag)"), try Person("phjb\(tag)"), try Person("phje\(tag)"))
        unixGroup = "phjg\(tag)"
        let made = try HostProcess.shell(
            "groupadd \(unixGroup) && gpasswd --add \(ana.name) \(unixGroup) >/dev/null && getent group \(unixGroup)")
        unixGroupID = try #require(made.output.text.split(separator: ":").dropFirst(2).first.flatMap { gid_t($0) })
        for name in ["lab", "private", "others"] { try Directory.create(directory(name), mode: 0o755) }
        binary = try directory.copy(program: LivePhjob.binary, to: "phjob")
        environment = [
            "LANG": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent",
            "PHJOB_SOCKET": directory("run/phjob.sock"),
        ]
        let owners =
            "chown root:\(unixGroup) lab && chmod 2775 lab && chown \(ana.name): private && chown \(eve.name): others"
        try #require(try HostProcess.shell("cd '\(directory.path)' && \(owners)").isSuccess)
        try writeCatalogue()
    }

    /// Runs `body`, which may block, with a server of its own; then ends all that it started.
    ///
    /// - Parameter configure: changes the catalogue's members.
    static func with(
        _ engine: LiveEngine, weight: Int = 2,
        configure: @escaping @Sendable (inout [String: JSONValue]) -> Void = { _ in },
        _ body: @escaping @Sendable (LiveServer) throws -> Void
    ) async throws {
        await Gate.engines.enter(weight: weight)
        do {
            try await onThread {
                let server = try LiveServer(engine, configure)
                let runner = Mutexed()
                defer { server.end(runner.value) }
                try Person.requireLibraries(server(server.ana, "--version"))
                runner.value = try server.start()
                do {
                    try body(server)
                } catch {
                    throw Failure(description: "\(error)\n--- runner's log:\n\(server.runnerLog)")
                }
            }
        } catch {
            await Gate.engines.leave(weight: weight)
            throw error
        }
        await Gate.engines.leave(weight: weight)
    }

    private final class Mutexed { var value: ReapedProcess? }

    func writeCatalogue() throws {
        var base = LiveCatalogue(engine: engine.rawValue, users: [])
        base.instanceTypes.append(LiveCatalogue.instanceType("full", cpus: 0.5, memory: "4G"))
        guard case .object(var members) = base.json else { return }
        members["groups"] = .array([
            .object([
                "name": .string("lab"), "users": .array([.string(ben.name)]), "unixGroup": .string(unixGroup),
                "volume": .string(directory("lab")),
            ]),
            .object([
                "name": .string("private"), "users": .array([.string(ana.name), .string(ben.name)]),
                "ownerOnly": .bool(true), "volume": .string(directory("private")),
            ]),
            .object([
                "name": .string("others"), "users": .array([.string(eve.name)]), "volume": .string(directory("others")),
            ]),
        ])
        configure(&members)
        try directory.write(JSONBody.encode(JSONValue.object(members)), to: "config.new", mode: 0o644)
        try #require(rename(directory("config.new"), directory("config.json")) == 0)
    }

    // MARK: - The runner

    func start() throws -> ReapedProcess {
        var environment = environment
        environment.merge(LiveEngine.clientEnvironment) { $1 }
        environment["PHJOB_STATE"] = directory("state")
        environment["PHJOB_CONFIG"] = directory("config.json")
        let command = ProcessCommand(binary, ["runner", "run", "--system"], environment: environment)
        let runner = try ReapedProcess(command, log: directory("runner.log"))
        try LivePhjob.poll("the runner answers") {
            if let code = runner.exitCode {
                throw Failure(description: "the runner has ended with \(code): \(runnerLog)")
            }
            return try root("runner", "status").status == 0
        }
        return runner
    }

    var runnerLog: String {
        ((try? directory.text("runner.log")) ?? "").split(separator: "\n").suffix(30).joined(separator: "\n")
    }

    /// The lines of the audit.
    func audit() throws -> [[String: JSONValue]] {
        try directory.text("state/audit.jsonl").split(separator: "\n").map { line in
            guard case .object(let members) = try JSONBody.decode(JSONValue.self, from: Array(line.utf8)) else {
                throw Failure(description: "not an object: \(line)")
            }
            return members
        }
    }

    // MARK: - Commands

    @discardableResult
    func callAsFunction(_ person: Person, _ arguments: String..., timeout: Double = patience) throws -> Output {
        try run(person, arguments, timeout: timeout)
    }

    @discardableResult
    func run(
        _ person: Person, _ arguments: [String], timeout: Double = patience, extra: [String: String] = [:]
    ) throws -> Output {
        let command = command(person, arguments, extra: extra)
        return Output(try ChildProcess(command, timeout: timeout, captureLimit: 16 << 20).run())
    }

    func command(_ person: Person, _ arguments: [String], extra: [String: String] = [:]) -> ProcessCommand {
        person.command(binary, ["--system"] + arguments, environment: environment.merging(extra) { $1 })
    }

    /// A command of root's, or of a uid that is no user of the machine.
    @discardableResult
    func root(_ arguments: String..., uid: uid_t? = nil) throws -> Output {
        var words = ["/usr/bin/env", binary, "--system"] + arguments
        if let uid { words = ["/usr/bin/setpriv", "--reuid=\(uid)", "--clear-groups"] + words }
        let command = ProcessCommand(words[0], Array(words.dropFirst()), environment: environment)
        return Output(try ChildProcess(command, timeout: 120, captureLimit: 16 << 20).run())
    }

    /// Submits a line of shell.
    func submit(_ person: Person, _ script: String, _ options: String..., group: String = "lab") throws -> JobID {
        let output = try run(person, ["submit", "--group", group] + options + ["--", script])
        try #require(output.status == 0, "\(output.errors)")
        return try #require(JobID(output.text.trimmingCharacters(in: .newlines)))
    }

    func get(_ person: Person, _ id: JobID) throws -> JobView {
        let output = try self(person, "get", "--json", id.text)
        try #require(output.status == 0, "\(output.errors)")
        return try JSONBody.decode(JobView.self, from: output.bytes)
    }

    /// Waits for a job's end, and for its log to be whole.
    @discardableResult
    func end(_ person: Person, _ id: JobID) throws -> JobView {
        _ = try self(person, "wait", id.text)
        var job = try get(person, id)
        try LivePhjob.poll("\(id) has ended") {
            job = try get(person, id)
            return job.phase.isFinal && job.log.state != .growing
        }
        return job
    }

    func wait(_ person: Person, for phase: JobPhase, of id: JobID) throws {
        try LivePhjob.poll("\(id) is \(phase)") {
            let job = try get(person, id)
            try #require(job.phase == phase || !job.phase.isFinal, "\(job.phase): \(job.message)")
            return job.phase == phase
        }
    }

    // MARK: - The end

    private func end(_ runner: ReapedProcess?) {
        _ = try? root("cancel", "--yes", "--status", "pending", "--status", "preparing", "--status", "running")
        check("containers") { try containers() }
        runner?.signal(SIGTERM)
        _ = try? runner?.waitForEnd()
        runner?.signal(SIGKILL)
        check("processes") {
            HostProcess.mentioning(directory.path).map { "\($0.pid) \($0.line)" }
        }
        for process in HostProcess.mentioning(directory.path) { kill(process.pid, SIGKILL) }
        for person in [ana, ben, eve] { person.remove() }
        if (try? HostProcess.shell("groupdel \(unixGroup)"))?.isSuccess != true {
            Issue.record("left behind: the group \(unixGroup)")
        }
    }

    private func containers() throws -> [String] {
        guard let id = try? directory.text("state/id").trimmingCharacters(in: .whitespacesAndNewlines) else {
            return []
        }
        let output = try engine.call("ps", "--all", "--filter=label=phjob.state=\(id)", "--format={{.Names}}")
        return output.lines
    }

    private func check(_ what: String, _ left: () throws -> [String]) {
        var last: [String] = []
        do {
            try LivePhjob.poll(what) {
                last = try left()
                return last.isEmpty
            }
        } catch {
            Issue.record("left behind: \(what): \(last.joined(separator: ", ")); \(error); \(runnerLog)")
        }
    }
}
