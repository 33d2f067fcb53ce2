import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem

/// A state directory with its own catalogue and socket, and the runner at work on it.
final class Installation {
    let directory: String
    let engine: BareEngine
    private let tool: Tool
    private let bench: Bench
    private var runner: pid_t = 0

    var state: String { "\(directory)/state" }
    var socket: String { "\(directory)/sock" }

    /// - Parameters:
    ///   - name: of its directory within the scratch directory.
    ///   - width: how many jobs may run at once.
    ///   - cpus: how many each may use.
    init(_ bench: Bench, name: String, engine: BareEngine, width: Int, cpus: Int = 1) throws {
        self.bench = bench
        self.engine = engine
        directory = "\(bench.scratch)/\(name)"
        var environment = engine.tool.environment
        environment["PHJOB_STATE"] = "\(directory)/state"
        environment["PHJOB_CONFIG"] = "\(directory)/config.json"
        environment["PHJOB_SOCKET"] = "\(directory)/sock"
        tool = Tool(executable: bench.phjob, environment: environment)
        try Directory.create(directory)
        try Directory.create(state)
        let file = try Descriptor(
            opening: "\(directory)/config.json", flags: O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(Array(catalogue(width: width, cpus: cpus).utf8))
    }

    private func catalogue(width: Int, cpus: Int) -> String {
        let own = ["CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE"].compactMap { name in
            engine.tool.environment[name].map { #""\#(name)": "\#($0)""# }
        }
        return """
            {
              "engine": { "name": "\(engine.name)", "environment": { \(own.joined(separator: ", ")) } },
              "node": { "cpus": \(width * cpus), "memory": "64G" },
              "groups": [{ "name": "lab", "users": ["\(UserAccount.current?.name ?? "root")"] }],
              "instanceTypes": [{ "name": "one", "cpuLimit": \(cpus), "memoryLimit": "1G" }],
              "images": [{ "name": "minimal", "url": "\(Bench.image)", "pullPolicy": "never" }],
              "defaults": { "group": "lab", "instanceType": "one", "image": "minimal" },
              "limits": { "network": "none", "logMaxSize": "4G" }
            }
            """
    }

    /// Starts the runner.
    ///
    /// - Returns: seconds from the start of the process to its first answer.
    @discardableResult
    func start() throws -> Double {
        let client = APIClient(socketPath: socket)
        let command = ProcessCommand(tool.executable, ["runner", "run"], environment: tool.environment)
        let begin = Clock.now
        runner = try Detached.start(command, log: "\(directory)/log")
        while (try? client.status()) == nil {
            guard kill(runner, 0) == 0, Clock.now - begin < 120 else {
                throw Problem("the runner does not come up; its log is \(directory)/log")
            }
            usleep(500)
        }
        let seconds = Clock.now - begin
        while try client.status().engine == nil { usleep(10_000) }
        return seconds
    }

    /// Ends the runner; jobs run on.
    func stop() {
        kill(runner, SIGTERM)
        var status: Int32 = 0
        while waitpid(runner, &status, 0) < 0, errno == EINTR {}
    }

    var process: ProcessFigures { ProcessFigures(pid: runner) }

    func run(_ arguments: [String]) throws { try tool.run(arguments) }

    /// Seconds that a command of phjob takes.
    func time(_ arguments: [String], output: String = "/dev/null") throws -> Double {
        try tool.time(arguments, output: output)
    }

    func text(_ arguments: [String]) throws -> String { try tool.text(arguments, in: directory) }

    /// The id of a new job that runs `words`.
    func submit(_ words: [String]) throws -> String { try text(["submit", "--"] + words) }

    /// Submits the same job many times, one after the other, without waiting in between. Their ids are written to a file.
    func submit(_ words: [String], times count: Int) throws -> [String] {
        let file = "\(directory)/ids"
        unlink(file)
        for _ in 0..<count { try tool.run(["submit", "--"] + words, output: file) }
        let bytes = try Descriptor(opening: file, flags: O_RDONLY).readAll(limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Blocks until all of them have ended.
    ///
    /// - Throws: ``Problem`` with what became of the first that has not succeeded.
    func wait(for ids: [String]) throws {
        do {
            try run(["wait", "--quiet"] + ids)
        } catch let failure as Problem {
            let client = APIClient(socketPath: socket)
            for job in try ids.map(client.job) where job.phase != .succeeded {
                throw Problem("\(job.id) \(job.phase.rawValue): \(job.message)")
            }
            throw failure
        }
    }

    /// Takes a place of the node until ``abandon()``.
    func block() throws {
        let id = try submit(["exec sleep 3600"])
        while try APIClient(socketPath: socket).job(id).phase != .running { usleep(20_000) }
    }

    /// Ends the runner and removes the containers of the jobs that run. No job of this state directory goes on.
    func abandon() throws {
        stop()
        let filter = try ["ps", "--all", "--quiet", "--filter", "label=phjob.state=\(stateID())"]
        let ids = try engine.tool.text(filter, in: directory).split(separator: "\n").map(String.init)
        if !ids.isEmpty { try engine.tool.run(["rm", "--force", "--volumes"] + ids) }
    }

    /// Blocks until the engine has no container of this state directory.
    func waitUntilClean() throws {
        try engine.waitUntilNoneHas(label: "phjob.state=\(stateID())", in: directory)
    }

    private func stateID() throws -> String {
        let bytes = try Descriptor(opening: "\(state)/id", flags: O_RDONLY).readAll(limit: 64)
        return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    }
}
