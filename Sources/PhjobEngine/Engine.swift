import FoundationEssentials
import Glibc
import PhjobCore
package import PhjobSystem

/// An engine, driven by its command line.
///
/// Every call is bounded in time and in what it may print. A call that fails says nothing about any container: only an
/// answer does.
package struct Engine: Sendable {
    package let dialect: any EngineDialect
    /// The program's absolute path.
    package let executable: String
    /// The client's whole environment.
    package let environment: [String: String]
    package let facts: EngineFacts
    private let limits: ProcessLimits

    /// Seconds that a call may take which only asks or removes.
    let callTimeout: Double
    /// When it becomes readable, clients that only ask are stopped: their answers are not needed any more.
    let abandon: Descriptor?
    /// Bytes that are read of an answer about containers: far more than any that can be right.
    private static let answerLimit = 16 << 20

    /// Asks the engine about itself.
    ///
    /// - Parameters:
    ///   - callTimeout: seconds that a call may take which only asks or removes.
    ///   - abandon: when it becomes readable, calls that only ask are given up.
    /// - Throws: ``EngineError`` if it does not answer.
    package init(
        dialect: any EngineDialect, executable: String, environment: [String: String], limits: ProcessLimits = .current,
        callTimeout: Double = 60, abandon: Descriptor? = nil
    ) throws(EngineError) {
        self.dialect = dialect
        self.executable = executable
        self.environment = environment
        self.limits = limits
        self.callTimeout = callTimeout
        self.abandon = abandon
        let command = ProcessCommand(
            executable, dialect.infoArguments, environment: Self.usable(environment))
        let result = try Self.run(ChildProcess(command, timeout: callTimeout), abandon: abandon)
        guard result.isSuccess else { throw .unreachable(Self.words(result)) }
        facts = try dialect.facts(from: result.output.bytes)
    }

    /// The exact command that starts a container.
    package func launchCommand(_ request: ContainerRequest) -> ProcessCommand {
        ProcessCommand(
            executable, facts.clientOptions + dialect.runArguments(request, facts: facts, limits: limits),
            environment: launchEnvironment)
    }

    /// The client's environment without proxies, which are for pulls: some clients hand them to containers.
    package var launchEnvironment: [String: String] {
        environment.filter { !ProxySettings.variables.contains($0.key) }
    }

    /// Starts a container and gives back the engine's id of it. The client is never killed while it does.
    ///
    /// - Parameter lock: the client's standard input: a lock that tells for how long it is at work, whatever becomes of us.
    /// - Throws: ``EngineError/refused(_:)`` if the container did not start; anything else leaves it open.
    package func launch(_ request: ContainerRequest, lock: Descriptor? = nil) throws(EngineError) -> String {
        // After twice the time of another call it is asked, never forced, to give up.
        var child = ChildProcess(launchCommand(request), timeout: 2 * callTimeout, teardown: TeardownStep.polite)
        child.input = lock
        let result = try Self.run(child)
        guard case .exited(let code) = result.status else {
            throw .unreachable("its client was killed during a launch")
        }
        guard code == 0 else {
            let printed = Self.words(result)
            let words = Self.launchWords(code, printed) + dialect.advice(onRefusal: printed)
            if try hasStarted(request) { throw .unreachable(words) }
            throw .refused(words)
        }
        guard let id = Self.containerID(result) else { throw .garbled("'run' printed no container id") }
        return id
    }

    /// What is said of a launch that failed.
    ///
    /// 127 is "not found" (podman-run(1)), whatever was not: only the words tell whether that was the shell.
    static func launchWords(_ code: Int32, _ words: String) -> String {
        let places = ["/bin/sh", ContainerRequest.Place.launcherScript]
        guard code == 127, places.contains(where: { words.contains($0) }) else { return words }
        return "the image has no /bin/sh, which phjob needs to run a command: \(words)"
    }

    /// The id of the container that a call has made.
    static func containerID(_ result: ProcessResult) -> String? {
        let id = result.output.text.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
        return isContainerID(id) ? id : nil
    }

    /// Whether a container exists and was started although its client reported an error.
    ///
    /// A client whose daemon goes away while it launches ends like one that was refused.
    private func hasStarted(_ request: ContainerRequest) throws(EngineError) -> Bool {
        guard try names(stateID: request.labels.state).contains(request.name) else { return false }
        return try inspect([request.name]).contains { $0.isRunning || $0.startTime != nil }
    }

    /// The containers of these names or ids that the engine has. That one is missing proves nothing; see ``names(of:)``.
    package func inspect(_ names: [String]) throws(EngineError) -> [ContainerInspection] {
        guard !names.isEmpty else { return [] }
        let result = try query(dialect.inspectArguments(names))
        // docker ends so, with an empty list, also when its daemon is away.
        guard case .exited = result.status else { throw .unreachable(Self.words(result)) }
        guard !result.output.isCut,
            let found = try? JSONDecoder().decode([ContainerInspection].self, from: Data(result.output.bytes))
        else {
            if result.isSuccess { throw .garbled("'container inspect' printed no list of containers") }
            throw .unreachable(Self.words(result))
        }
        return found
    }

    /// The names and the ids of all containers of a state directory. What is not among them does not exist.
    package func names(stateID: String) throws(EngineError) -> Set<String> {
        try names(listedBy: dialect.listArguments(stateID: stateID))
    }

    /// The names and the ids of the containers that carry both labels of a job, whatever they are called by now.
    package func names(of labels: ContainerLabels) throws(EngineError) -> Set<String> {
        try names(listedBy: dialect.listArguments(stateID: labels.state, job: labels.job))
    }

    private func names(listedBy arguments: [String]) throws(EngineError) -> Set<String> {
        let result = try query(arguments)
        guard result.isSuccess else { throw .unreachable(Self.words(result)) }
        let garbled = EngineError.garbled("'ps' printed no list of names")
        guard !result.output.isCut else { throw garbled }
        // docker adds to a container's name those by which others link to it: `id,name,other/alias`.
        let names = result.output.bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: ",") }
        guard names.allSatisfy({ $0.allSatisfy(Self.isOfAName) }) else { throw garbled }
        return Set(names.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Whether a text is a whole container id (64 hexadecimal digits), as opposed to a name.
    package static func isContainerID(_ text: String) -> Bool { text.utf8.count == 64 && text.allSatisfy(\.isHexDigit) }

    /// Whether a byte can be in what the engines call a name, or in a link's.
    private static func isOfAName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "_.-/".utf8.contains(byte)
        }
    }

    /// SIGTERM, the grace period, SIGKILL. Returns when the container has ended.
    package func stop(_ name: String, graceSeconds: Int64) throws(EngineError) {
        let child = ChildProcess(
            command(dialect.stopArguments(name, graceSeconds: graceSeconds)),
            timeout: Double(graceSeconds) + callTimeout,
            teardown: TeardownStep.polite)
        let result = try Self.run(child)
        guard result.isSuccess else { throw .refused(Self.words(result)) }
    }

    /// SIGKILL.
    package func kill(_ name: String) throws(EngineError) {
        let result = try call(dialect.killArguments(name))
        guard result.isSuccess else { throw .refused(Self.words(result)) }
    }

    /// Removes containers, by name or id, with all that was made for them, also running ones. Missing ones are no error.
    ///
    /// - Throws: ``EngineError`` if some are still there.
    package func remove(_ names: [String], stateID: String) throws(EngineError) {
        guard !names.isEmpty else { return }
        let result = try call(dialect.removeArguments(names))
        // Both print what they removed, in the words they were asked in. Success alone proves nothing: podman has ended
        // so having removed none.
        let removed = result.output.text.split(whereSeparator: \.isNewline).map(String.init)
        if result.isSuccess, Set(removed).isSuperset(of: names) { return }
        let left = try self.names(stateID: stateID).intersection(names)
        guard left.isEmpty else {
            if case .exited(0...125) = result.status { throw .refused(Self.words(result)) }
            throw .unreachable(Self.words(result))
        }
    }

    /// Removes a container that was never started. One that runs by now stays, and is an error.
    package func removeUnstarted(_ name: String) throws(EngineError) {
        let result = try call(["rm", "--volumes", "--", name])
        guard result.isSuccess else { throw .refused(Self.words(result)) }
    }

    /// The bytes that a container wrote to its own root, as the engine counts them.
    ///
    /// - Parameter id: the engine's id of it.
    package func writtenSize(_ id: String) throws(EngineError) -> Int64 {
        let result = try call(["container", "inspect", "--size", "--format={{.SizeRw}}", "--", id])
        guard result.isSuccess else { throw .unreachable(Self.words(result)) }
        guard let size = Int64(result.output.text.filter { !$0.isWhitespace }) else {
            throw .garbled("'container inspect --size' printed no size")
        }
        return size
    }

    func call(_ arguments: [String], limit: Int = 1 << 20) throws(EngineError) -> ProcessResult {
        try Self.run(ChildProcess(command(arguments), timeout: callTimeout, captureLimit: limit))
    }

    /// The environment without a `TMPDIR` that is no directory (any more, as after a log-out): podman then fails at
    /// calls that have nothing to do with it.
    private static func usable(_ environment: [String: String]) -> [String: String] {
        guard let temporary = environment["TMPDIR"] else { return environment }
        var status = stat()
        if stat(temporary, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return environment }
        return environment.filter { $0.key != "TMPDIR" }
    }

    /// A call that only asks.
    private func query(_ arguments: [String]) throws(EngineError) -> ProcessResult {
        let child = ChildProcess(command(arguments), timeout: callTimeout, captureLimit: Self.answerLimit)
        return try Self.run(child, abandon: abandon)
    }

    func command(_ arguments: [String]) -> ProcessCommand {
        ProcessCommand(executable, facts.clientOptions + arguments, environment: Self.usable(environment))
    }

    static func run(_ child: ChildProcess, abandon: Descriptor? = nil) throws(EngineError) -> ProcessResult {
        do {
            return try child.run(abandon: abandon)
        } catch let error as ProcessError {
            if case .cannotStart(let executable, let why) = error { throw .notInstalled("\(executable): \(why)") }
            throw .unreachable(error.description)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    /// What a program printed about its failure, safe to show.
    static func words(_ result: ProcessResult, of program: String = "the engine") -> String {
        let printed = result.errors.bytes.isEmpty ? result.output : result.errors
        let words = EngineWords.summary(of: printed.bytes)
        return words.isEmpty ? "\(program) ended with \(result.status) and no message" : words
    }
}
