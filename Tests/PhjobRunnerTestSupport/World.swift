import Dispatch
import Foundation
import Glibc
package import PhjobCore
package import PhjobEngine
import PhjobSystem
package import PhjobTestSupport

/// What a test's world looks like.
package struct WorldOptions: Sendable {
    package var engine: String
    package var cpus: Int
    /// Nil for as many as are found.
    package var gpus: Int?
    package var ignoredGPUProcesses: [String] = []
    package var grace: Int
    package var retention: Int
    /// Whether an engine can be found; else only once it is in the directory `late`, see ``World/installEngineLate()``.
    package var hasEngine: Bool
    /// Seconds that an engine's call may take.
    package var callTimeout: Double
    /// More members of the group `lab`, and of the limits, as JSON with a comma before each.
    package var lab = ""
    package var limits = ""
    /// Where its directory is made: below one that is root's alone, where that matters.
    package var parent = "/tmp"

    package init(
        engine: String = "podman", cpus: Int = 8, gpus: Int? = 2, grace: Int = 10, retention: Int = 604_800,
        hasEngine: Bool = true, callTimeout: Double = 60
    ) {
        self.engine = engine
        self.cpus = cpus
        self.gpus = gpus
        self.grace = grace
        self.retention = retention
        self.hasEngine = hasEngine
        self.callTimeout = callTimeout
    }

    package static func on(_ engine: EngineName) -> WorldOptions { WorldOptions(engine: engine.rawValue) }
}

/// A state directory, a catalogue and an engine: all that outlives a runner.
package final class World: Sendable {
    package let directory: TemporaryDirectory
    package let engine: FakeEngine
    package let cataloguePath: String
    package let statePath: String
    package let options: WorldOptions

    package static let alice = caller("alice")
    package static let bob = caller("bob")

    package static func caller(_ name: String, isAdministrator: Bool = false) -> Caller {
        Caller(
            user: JobSpec.User(name: name, uid: geteuid(), gid: getegid()), isAdministrator: isAdministrator)
    }

    /// Runners that were killed keep what they had open.
    private static let manyFiles: Void = {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(files, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(files, &limit)
    }()

    package init(_ options: WorldOptions = WorldOptions()) throws {
        Self.manyFiles
        self.options = options
        directory = try TemporaryDirectory(in: options.parent)
        engine = try FakeEngine(in: directory)
        statePath = directory("state")
        cataloguePath = directory("catalogue.json")
        try Directory.create(directory("volume"))
        try write(options)
    }

    package func write(_ options: WorldOptions) throws {
        try directory.write(catalogueText(options), to: "catalogue.new")
        rename(directory("catalogue.new"), cataloguePath)
    }

    private func catalogueText(_ options: WorldOptions) -> String {
        // The runner looks in the usual places too, unless it is told where to look.
        let gpus = options.gpus.map { #", "gpus": \#($0)"# } ?? ""
        let ignored = options.ignoredGPUProcesses.map { "\"\($0)\"" }.joined(separator: ", ")
        let path = options.hasEngine ? "" : #""PATH": "\#(directory("late"))", "#
        return """
            {
              "schema": 1,
              "engine": {"name": "\(options.engine)", "environment": {\(path)"FAKE_ENGINE_ROOT": "\(engine.root)"}},
              "node": {"cpus": \(options.cpus), "memory": "64G"\(gpus), "ignoredGPUProcesses": [\(ignored)]},
              "groups": [
                {"name": "lab", "users": ["alice", "bob", "\(UserAccount.current?.name ?? "root")"], "volume": "\(directory("volume"))"\(options.lab)},
                {"name": "other", "users": ["carol"]}
              ],
              "instanceTypes": [
                {"name": "cpu-1", "cpuLimit": 1, "memoryLimit": "64M"},
                {"name": "cpu-2", "cpuLimit": 2, "memoryLimit": "64M"},
                {"name": "cpu-4", "cpuLimit": 4, "memoryLimit": "64M"},
                {"name": "gpu-1", "cpuLimit": 1, "memoryLimit": "64M", "gpuLimit": 1},
                {"name": "gpu-2", "cpuLimit": 1, "memoryLimit": "64M", "gpuLimit": 2}
              ],
              "images": [
                {"name": "minimal", "url": "localhost/minimal:latest", "pullPolicy": "never"},
                {"name": "remote", "url": "registry.test/remote:latest", "pullPolicy": "missing"},
                {"name": "fresh", "url": "localhost/minimal:latest", "pullPolicy": "always"}
              ],
              "defaults": {"group": "lab", "instanceType": "cpu-1", "image": "minimal"},
              "limits": {
                "stopGraceSeconds": \(options.grace), "logRetentionSeconds": \(options.retention), "network": "none",
                "allowNoDeadline": true, "logMaxSize": "64M"\(options.limits)
              }
            }
            """
    }

    /// Lets an engine be found that was not there.
    package func installEngineLate() throws {
        try Directory.create(directory("late"))
        let name = options.engine
        let script = "#!/bin/sh\nPATH=/usr/bin:/bin exec '\(engine.binaries)/\(name)' \"$@\"\n"
        try directory.write(script, to: "late/.new", mode: 0o755)
        rename(directory("late/.new"), directory("late/\(name)"))
    }

    package var environment: [String: String] { ["PATH": "\(engine.binaries):/usr/bin:/bin", "HOME": directory.path] }

    /// What a job's command writes to by `$PHJOB_TEST`; see ``LiveRunner/submit(_:type:image:key:)``.
    package func text(_ name: String) -> String { (try? directory.text(name)) ?? "" }
}

/// As many worlds at a time as the machine bears: each has a dozen processes that come and go, and many wait for seconds.
private let places = DispatchSemaphore(value: 4 * Machine.processors)

/// Runs `body` in a world of its own on a thread that may block, and cleans up after it.
package func withWorld(
    _ options: WorldOptions = WorldOptions(), _ body: @escaping @Sendable (World) throws -> Void
) async throws {
    try await onThread {
        places.wait()
        defer { places.signal() }
        let world = try World(options)
        do {
            let result = Result { try body(world) }
            let end = Result { try world.engine.end() }
            try result.get()
            try end.get()
        } catch {
            let log = world.text("runner.log").split(separator: "\n").suffix(30).joined(separator: "\n")
            throw Failure(
                description:
                    "\(error)\n--- runner's log:\n\(log)\n--- calls:\n\(world.engine.lines("calls").suffix(20))")
        }
    }
}
