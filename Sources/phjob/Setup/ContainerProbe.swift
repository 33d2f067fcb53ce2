import Glibc
import PhjobCore
import PhjobEngine
import PhjobSystem

/// Starts a container as jobs are started, with the same arguments, to see whether that works here.
struct ContainerProbe {
    let engine: Engine
    let image: ResolvedImage
    let user: UserAccount
    /// A directory that is made for this, where the engine can mount from, and removed again.
    let scratch: String

    /// By which its containers are told from jobs.
    private static let stateID = "probe"
    private static let timeout = 60.0

    struct Limits {
        var cpu = CPUAmount(milli: 1000)
        var memory = MemorySize(bytes: 256 << 20)
        var pids = 64
    }

    /// Runs a script of sh in a container.
    ///
    /// - Returns: what it printed, or the engine's own words on why it could not.
    func run(_ script: String, network: String, _ limits: Limits = Limits()) -> Result<String, EngineError> {
        do {
            return .success(try start(script, network, limits))
        } catch let error as EngineError {
            return .failure(error)
        } catch {
            return .failure(.refused("\(error)"))
        }
    }

    private func start(_ script: String, _ network: String, _ limits: Limits) throws -> String {
        var generator = SystemRandomNumberGenerator()
        let job = JobID(createdAt: Timestamp(milliseconds: WallClock.milliseconds), using: &generator)
        let name = "phjob-probe-\(job.suffix)"
        let directory = "\(scratch)/\(name)"
        try Directory.create("\(directory)/run")
        try Directory.create("\(directory)/home")
        defer {
            try? Self.remove(name, in: scratch)
            rmdir(scratch)
        }
        try Self.writeLauncher("#!/bin/sh\n\(script)\n", in: "\(directory)/run")
        let place = ContainerRequest.Place.self
        var request = ContainerRequest(
            name: name, labels: ContainerLabels(job: job, state: Self.stateID), imageID: image.id,
            user: JobSpec.User(name: user.name, uid: user.uid, gid: user.gid), network: network, cpu: limits.cpu,
            memory: limits.memory, pidsLimit: limits.pids, gpus: [],
            mounts: [
                .init("\(directory)/home", at: place.home),
                .init("\(directory)/run", at: place.launcher, isReadOnly: true),
            ],
            stopGraceSeconds: 1, backstopSeconds: Int64(Self.timeout), logMaxSize: MemorySize(bytes: 1 << 20),
            logPath: "\(directory)/log", pidPath: "\(directory)/pid")
        request.seccompProfile = Self.seccompProfile(of: engine).flatMap {
            Self.keep($0, at: "\(directory)/seccomp.json")
        }
        // As a job's, but attached: what it prints comes back at once, and it leaves nothing behind.
        let arguments = engine.dialect.runArguments(request, facts: engine.facts, limits: .current)
            .map { $0 == "--detach" ? "--rm" : $0 }
        defer {
            // By its id, for a name can be taken by anyone.
            let ids = try? engine.names(of: request.labels).filter(Engine.isContainerID)
            try? engine.remove((ids ?? []).sorted(), stateID: Self.stateID)
        }
        let command = ProcessCommand(engine.executable, arguments, environment: engine.launchEnvironment)
        let result = try ChildProcess(command, timeout: Self.timeout).run()
        guard result.isSuccess else {
            let words = result.errors.text.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
            throw EngineError.refused(TerminalText.escaped(words.isEmpty ? "it ended with \(result.status)" : words))
        }
        return result.output.text
    }

    /// The seccomp profile that jobs get; `nil` if they get the engine's own.
    static func seccompProfile(of engine: Engine) -> [UInt8]? {
        let base = engine.facts.seccompProfile.flatMap { try? Descriptor(opening: $0, flags: O_RDONLY) }
        return (try? base?.readAll(limit: 1 << 20)).flatMap(SeccompProfile.text)
    }

    private static func keep(_ bytes: [UInt8], at path: String) -> String? {
        guard let file = try? Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o644),
            (try? file.write(bytes)) != nil
        else { return nil }
        return path
    }

    /// Closes the file before it returns: one that is open for writing cannot be executed (execve(2), `ETXTBSY`).
    private static func writeLauncher(_ text: String, in directory: String) throws {
        let file = try Descriptor(opening: "\(directory)/start", flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o755)
        try file.write(Array(text.utf8))
        // Whatever the umask is.
        fchmod(file.number, 0o755)
    }

    private static func remove(_ name: String, in directory: String) throws {
        try TreeRemoval.remove(name, in: Directory.open(directory))
    }
}
