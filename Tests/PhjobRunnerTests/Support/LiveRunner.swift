import Dispatch
import Foundation
import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Synchronization

@testable import PhjobRunner

/// The inside of a runner: supervisor, store and event loop, without lock, socket and signals.
final class LiveRunner: Sendable {
    let world: World
    let supervisor: Supervisor
    let store: JobStore
    let loop: EventLoop
    /// Kept open as long as anybody may write to it.
    private let log: Descriptor
    private let isDead = Mutex(false)

    init(
        _ world: World, log: Descriptor, mode: RunnerMode = .personal, users: any UserDirectory = SystemUsers(),
        mountSources: MountSources? = nil, sourceInterval: Double = 10
    ) throws {
        self.world = world
        self.log = log
        let events = EventLog(descriptor: log.number)
        store = try JobStore(root: world.statePath)
        let catalogue = try CatalogueFile.load(world.cataloguePath)
        loop = try EventLoop()
        let engines = EngineService(
            settings: catalogue.engine, environment: world.environment, callTimeout: world.options.callTimeout,
            log: events)
        supervisor = Supervisor(
            mode: mode, users: users, catalogue: catalogue, store: store, engines: engines, loop: loop, log: events,
            removalPatience: 0, damageTimeout: 1,
            shutdown: Shutdown(systemd: world.directory("systemd"), environment: world.environment, isRoot: false),
            gpuPatience: 0.9, mountSources: mountSources, sourceInterval: sourceInterval)
        _ = try? engines.find()
    }

    /// What it says of itself to whoever it belongs to.
    var status: RunnerStatus {
        let configuration = RunnerConfiguration(
            stateDirectory: world.statePath, cataloguePath: world.cataloguePath, socketPath: "", environment: [:],
            version: "1")
        return supervisor.status(configuration, startTime: Supervisor.now, caller: World.alice)
    }

    func begin() throws {
        try supervisor.recover()
        let (loop, log) = (loop, log)
        WorkerThread.start("test-loop") {
            _ = log
            try? loop.run()
        }
    }

    /// Ends it as SIGKILL would: from here on nothing is decided, saved or started by it any more.
    ///
    /// All it does goes through one lock, which is taken and never given back; its threads sleep for ever.
    func kill() {
        let isNew = isDead.withLock { isDead in
            defer { isDead = true }
            return !isDead
        }
        guard isNew else { return }
        let isHeld = DispatchSemaphore(value: 0)
        // What never ends keeps nothing else, so that the world's files go with the test; but the log stays open: threads that
        // are not stopped by the lock still write to its number.
        WorkerThread.start("test-killed") { [supervisor, log] in
            _ = log
            supervisor.state.withLock { _ in
                isHeld.signal()
                while true { pause() }
            }
        }
        isHeld.wait()
        loop.stop()
    }

    /// A runner that takes the place of this one, which is dead then.
    func restart() throws -> LiveRunner {
        kill()
        return try world.start()
    }
}

extension LiveRunner {
    /// Submits a script for `alice`. In the script `$T` is the world's directory.
    @discardableResult
    func submit(
        _ command: String, type: String = "cpu-1", image: String = "minimal", deadline: Int64? = nil,
        key: String? = nil,
        caller: Caller = World.alice
    ) throws -> JobID {
        let submission = JobSubmission(
            displayName: "test", instanceType: type, image: image, command: command, activeDeadlineSeconds: deadline,
            environment: ["T": world.directory.path], idempotencyKey: key)
        return try supervisor.submit(submission, caller: caller).id
    }

    func view(_ id: JobID) throws -> JobView { try supervisor.view(supervisor.record(of: id).job) }

    /// How long a test waits, in seconds, for what a runner with a stand-in for an engine does within one or two.
    static let timeout: Double = 60

    /// Waits until what is shown of a job fits.
    @discardableResult
    func wait(
        _ id: JobID, _ what: String, within seconds: Double = timeout, file: StaticString = #fileID,
        line: UInt = #line,
        until fits: (JobView) throws -> Bool
    ) throws -> JobView {
        let deadline = Monotonic.now.adding(seconds: seconds)
        let subscription = try supervisor.watchers.subscribe(to: [id])
        while true {
            subscription.wakeup.drain()
            let view = try view(id)
            if try fits(view) { return view }
            guard Monotonic.now < deadline else {
                throw Failure(description: "\(file):\(line): not within \(seconds) s: \(what); \(view)")
            }
            _ = try Poll.readable([subscription.wakeup.descriptor.number], until: deadline)
        }
    }

    @discardableResult
    func wait(_ id: JobID, for phase: JobPhase, file: StaticString = #fileID, line: UInt = #line) throws -> JobView {
        try wait(id, "\(phase)", file: file, line: line) { view in
            // It will not get there any more.
            guard view.phase == phase || !view.phase.isFinal else {
                throw Failure(description: "\(file):\(line): \(phase) was expected of \(view)")
            }
            return view.phase == phase
        }
    }

    /// Waits until a job has ended and is cleaned up.
    @discardableResult
    func waitForEnd(_ id: JobID, file: StaticString = #fileID, line: UInt = #line) throws -> JobView {
        try wait(id, "the end", file: file, line: line) { $0.phase.isFinal && $0.log.state != .growing }
        try blockUntil(within: Self.timeout, "\(id) is cleaned up", file: file, line: line) {
            guard case .ended(let ended) = try supervisor.record(of: id).job.state else { return false }
            return ended.isCleanedUp
        }
        return try view(id)
    }

    func log(_ id: JobID) throws -> [UInt8] {
        var reader = LogReader(store.layout.job(id), LogRenderer.Options())
        var bytes: [UInt8] = []
        try reader.read { bytes += $0 }
        try reader.finish { bytes += $0 }
        return bytes
    }

    func logText(_ id: JobID) throws -> String { String(decoding: try log(id), as: UTF8.self) }

    @discardableResult
    func cancel(_ id: JobID) throws -> JobView { try supervisor.cancel(id.text, caller: World.bob) }
}

extension World {
    /// Starts a runner's inside on this state; what it says goes to a file.
    func start(
        mode: RunnerMode = .personal, users: any UserDirectory = SystemUsers(), mountSources: MountSources? = nil,
        sourceInterval: Double = 10
    ) throws -> LiveRunner {
        let log = try Descriptor(opening: directory("runner.log"), flags: O_WRONLY | O_CREAT | O_APPEND)
        let runner = try LiveRunner(
            self, log: log, mode: mode, users: users, mountSources: mountSources, sourceInterval: sourceInterval)
        try runner.begin()
        return runner
    }
}

/// Runs `body` in a world with a runner.
func withRunner(
    _ options: WorldOptions = WorldOptions(), _ body: @escaping @Sendable (LiveRunner) throws -> Void
) async throws {
    try await withWorld(options) { world in
        let runner = try world.start()
        defer { runner.kill() }
        try body(runner)
    }
}
