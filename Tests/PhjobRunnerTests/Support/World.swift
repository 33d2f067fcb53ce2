import Dispatch
import Foundation
import Glibc
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem
import PhjobTestSupport

@testable import PhjobRunner

/// What a test's world looks like.
struct WorldOptions: Sendable {
    var engine = "podman"
    var cpus = 8
    var gpus = 2
    var grace = 10
    var retention = 604_800
    var extraTypes = ""
    /// Whether an engine can be found.
    var hasEngine = true
    /// Seconds that an engine's call may take.
    var callTimeout = 60.0

    static func on(_ engine: EngineName) -> WorldOptions { WorldOptions(engine: engine.rawValue) }
}

/// A state directory, a catalogue and an engine: all that outlives a runner.
final class World: Sendable {
    let directory: TemporaryDirectory
    let engine: FakeEngine
    let cataloguePath: String
    let statePath: String
    let options: WorldOptions

    static let alice = JobSpec.User(name: "alice", uid: geteuid(), gid: getegid())
    static let bob = JobSpec.User(name: "bob", uid: geteuid(), gid: getegid())

    /// Runners that were killed keep what they had open.
    private static let manyFiles: Void = {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(files, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(files, &limit)
    }()

    init(_ options: WorldOptions = WorldOptions()) throws {
        Self.manyFiles
        self.options = options
        directory = try TemporaryDirectory()
        engine = try FakeEngine(in: directory)
        statePath = directory("state")
        cataloguePath = directory("catalogue.json")
        try Directory.create(directory("volume"))
        try write(options)
    }

    func write(_ options: WorldOptions) throws {
        try directory.write(catalogueText(options), to: "catalogue.new")
        rename(directory("catalogue.new"), cataloguePath)
    }

    private func catalogueText(_ options: WorldOptions) -> String {
        // The runner looks in the usual places too, unless it is told where to look.
        let path = options.hasEngine ? "" : #""PATH": "/none", "#
        return """
            {
              "schema": 1,
              "engine": {"name": "\(options.engine)", "environment": {\(path)"FAKE_ENGINE_ROOT": "\(engine.root)"}},
              "node": {"cpus": \(options.cpus), "memory": "64G", "gpus": \(options.gpus)},
              "groups": [
                {"name": "lab", "users": ["alice", "bob", "\(UserAccount.current?.name ?? "root")"], "volume": "\(directory("volume"))"},
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
                "allowNoDeadline": true, "logMaxSize": "64M"
              }
            }
            """
    }

    var environment: [String: String] { ["PATH": "\(engine.binaries):/usr/bin:/bin", "HOME": directory.path] }

    /// What a job's command writes to by `$PHJOB_TEST`; see ``LiveRunner/submit(_:type:image:key:)``.
    func text(_ name: String) -> String { (try? directory.text(name)) ?? "" }

    /// Starts a runner's inside on this state; what it says goes to a file.
    func start() throws -> LiveRunner {
        let log = try Descriptor(opening: directory("runner.log"), flags: O_WRONLY | O_CREAT | O_APPEND)
        let runner = try LiveRunner(self, log: log)
        try runner.begin()
        return runner
    }
}

/// As many worlds at a time as the machine bears: each has a dozen processes that come and go.
private let places = DispatchSemaphore(value: 2 * Machine.processors)

/// Runs `body` in a world of its own on a thread that may block, and cleans up after it.
func withWorld(
    _ options: WorldOptions = WorldOptions(), _ body: @escaping @Sendable (World) throws -> Void
) async throws {
    try await onThread {
        places.wait()
        defer { places.signal() }
        let world = try World(options)
        defer { world.engine.end() }
        do {
            try body(world)
        } catch {
            let log = world.text("runner.log").split(separator: "\n").suffix(30).joined(separator: "\n")
            throw Failure(
                description:
                    "\(error)\n--- runner's log:\n\(log)\n--- calls:\n\(world.engine.lines("calls").suffix(20))")
        }
    }
}

/// The same with a runner.
func withRunner(
    _ options: WorldOptions = WorldOptions(), _ body: @escaping @Sendable (LiveRunner) throws -> Void
) async throws {
    try await withWorld(options) { world in
        let runner = try world.start()
        defer { runner.kill() }
        try body(runner)
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
}
