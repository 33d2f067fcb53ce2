import Dispatch
import FoundationEssentials
import Glibc
import PhjobAPI
package import PhjobCore
import PhjobHTTP
import PhjobStore
import PhjobSystem
import Synchronization

/// The one long-lived process that owns a state directory: queue, containers, deadlines, retention, API.
package final class Runner: Sendable {
    private let configuration: RunnerConfiguration
    private let lock: FileLock
    private let catalogueSource: CatalogueSource
    private let supervisor: Supervisor
    private let socket: RunnerSocket
    private let server: APIServer
    private let loop: EventLoop
    private let signals: Signals
    private let catalogueWatch: FileWatch
    private let catalogueState: Mutex<FileIdentity?>
    /// The API's thread has ended.
    private let apiEnd = DispatchSemaphore(value: 0)
    private let log: EventLog
    private let notifier: ServiceNotifier

    /// Takes the lock, reads everything, and listens; serves nothing yet.
    ///
    /// Call it on the first thread, before any other is started: signals are blocked here for all of them.
    ///
    /// - Throws: ``PhjobError``; with code `conflict` if another runner has the state directory.
    package init(_ configuration: RunnerConfiguration) throws(PhjobError) {
        self.configuration = configuration
        let log = EventLog()
        self.log = log
        notifier = ServiceNotifier(environment: configuration.environment)
        do {
            signals = try Signals([SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE])
            // Nothing that is made without a mode of its own shall be readable by others.
            umask(0o077)
            MemoryAllocator.keepNoLargeBlocks()
            // A client that follows a log takes five.
            OpenFileLimit.raise(to: 65_536)
            guard let account = UserAccount.current else {
                throw PhjobError(
                    .unavailable, "uid \(geteuid()) has no entry in the user database", hint: "run as an ordinary user")
            }
            let owner = JobSpec.User(name: account.name, uid: account.uid, gid: account.gid)
            if configuration.mode == .system { try SystemPlaces.prepare(configuration) }
            try Directory.create(configuration.stateDirectory)
            let layout = StateLayout(root: configuration.stateDirectory)
            lock = try Self.takeLock(layout, configuration)
            let store = try JobStore(root: configuration.stateDirectory)
            catalogueState = Mutex(FileIdentity(of: configuration.cataloguePath))
            catalogueSource = CatalogueSource(configuration, layout, log: log)
            let (catalogue, problem) = try catalogueSource.loadAtStart()
            loop = try EventLoop()
            catalogueWatch = try FileWatch()
            let engines = EngineService(settings: catalogue.engine, environment: configuration.environment, log: log)
            supervisor = Supervisor(
                mode: configuration.mode, catalogue: catalogue, store: store, engines: engines, loop: loop, log: log,
                shutdown: Shutdown(environment: configuration.environment))
            if let problem { supervisor.refuseCatalogue(problem) }
            let listener: Descriptor
            (socket, listener) = try RunnerSocket.open(configuration, log: log)
            let loop = loop
            server = try APIServer(
                listener: Self.duplicate(listener), owner: configuration.mode == .personal ? owner : nil,
                supervisor: supervisor, configuration: configuration,
                startTime: Supervisor.now, stop: { loop.stop() })
            try Self.describe(configuration.socketPath, in: lock)
        } catch let error as PhjobError {
            throw error
        } catch {
            throw PhjobError(.unavailable, "the runner cannot start: \(error)", hint: "see 'phjob doctor'")
        }
    }

    /// Writes where this runner serves into the lock's file, for clients that look elsewhere.
    private static func describe(_ socketPath: String, in lock: FileLock) throws {
        struct Holder: Encodable {
            let pid: Int32
            let socket: String
        }
        try lock.setContent(
            String(decoding: JSONBody.encode(Holder(pid: getpid(), socket: socketPath)), as: UTF8.self) + "\n")
    }

    /// The server owns what it listens at, and closes it.
    private static func duplicate(_ descriptor: Descriptor) throws(SystemError) -> Int32 {
        try retrying("cannot listen") { fcntl(descriptor.number, F_DUPFD_CLOEXEC, 3) }
    }

    private static func takeLock(_ layout: StateLayout, _ configuration: RunnerConfiguration) throws -> FileLock {
        // A process that was killed is gone from view a moment before the kernel closes its files.
        let deadline = Monotonic.now.adding(seconds: 1)
        while true {
            if let lock = try FileLock(path: layout.lock) { return lock }
            guard .now < deadline else { break }
            usleep(20_000)
        }
        throw PhjobError(
            .conflict, "another runner has the state directory \(configuration.stateDirectory)",
            hint: "see 'phjob runner status'")
    }

    /// Serves until a signal or a request ends it. Running jobs run on.
    ///
    /// - Throws: ``PhjobError`` if the state cannot be taken up.
    package func run() throws(PhjobError) {
        defer { log.flush(within: 1) }
        log.info(
            "runner-started",
            ["pid": "\(getpid())", "state": configuration.stateDirectory, "socket": configuration.socketPath])
        do {
            watchCatalogue()
            _ = loop.whenReadable(socket.changes) { [self] in renewSocket() }
            _ = loop.whenReadable(signals.descriptor) { [self] in handleSignals() }
            try supervisor.recover()
            WorkerThread.start("api") { [server, log, loop, apiEnd] in
                defer { apiEnd.signal() }
                do {
                    try server.serve()
                } catch {
                    log.error("api-failed", ["why": "\(error)"])
                    loop.stop()
                }
            }
            notify(.ready, status)
            // An engine that hangs shall not keep anybody from being answered.
            supervisor.lookForEngine()
            try loop.run()
        } catch let error as PhjobError {
            throw error
        } catch {
            throw PhjobError(.unavailable, "the runner has failed: \(error)", hint: "see 'phjob doctor'")
        }
        end()
    }

    private func end() {
        notify(.stopping, .status("is ending; running jobs run on"))
        supervisor.stopPlanning()
        let shutdown = supervisor.executor.shutdown()
        // That of a runner for everybody stays: it tells users that there is one, which does not answer now.
        if configuration.mode == .personal { socket.remove() }
        server.stop()
        // A launch that is under way is waited for: its answer saves the next runner from having to find out.
        let deadline = Monotonic.now.adding(seconds: 15)
        while supervisor.executor.isLaunching, .now < deadline { usleep(20_000) }
        if let shutdown { log.info("shutdown", ["of": "\(shutdown)"]) }
        // The user's jobs are being stopped at this moment, and only now is it known by what.
        if shutdown == .user { supervisor.waitForJobsOfTheUser(until: Monotonic.now.adding(seconds: 20)) }
        // Nobody would remove the containers of jobs that have just ended until there is another runner.
        supervisor.finishCleanUps(until: Monotonic.now.adding(seconds: 10))
        // Who waits for an answer is told; the server bounds this itself.
        _ = apiEnd.wait(timeout: .now() + .seconds(10))
        supervisor.engines.endQueries()
        ChildProcess.waitForAll(until: Monotonic.now.adding(seconds: 2))
        notify(.status("has ended; running jobs run on"))
        log.info("runner-ended", ["pid": "\(getpid())"])
    }

    /// A service manager that cannot be told is no reason to end.
    private func notify(_ messages: ServiceNotifier.Message...) {
        do {
            try notifier.send(messages)
        } catch {
            log.warning("service-manager-not-told", ["why": error.description])
        }
    }

    private func handleSignals() {
        while let signal = signals.next() {
            switch signal {
            case SIGHUP:
                reloadCatalogue()
                // A client that finds the lock held and no socket sends it.
                renewSocket()
            // Nobody reads the log any more, which is no reason to end.
            case SIGPIPE: break
            default: loop.stop()
            }
        }
    }

    /// Listens again if the socket's file is gone.
    private func renewSocket() {
        guard let listener = socket.renew() else { return }
        do {
            try server.replaceListener(Self.duplicate(listener))
            try Self.describe(socket.path, in: lock)
        } catch {
            log.error("socket-not-used", ["socket": socket.path, "why": "\(error)"])
        }
        notify(status)
    }

    private func watchCatalogue() {
        let directory = configuration.cataloguePath.split(separator: "/").dropLast().joined(separator: "/")
        do {
            try catalogueWatch.add("/" + directory, .entries)
            _ = loop.whenReadable(catalogueWatch.descriptor) { [self] in
                catalogueWatch.drain()
                reloadChangedCatalogue()
            }
            // It may have changed between its reading and now.
            reloadChangedCatalogue()
        } catch {
            log.warning("catalogue-not-watched", ["why": error.description])
        }
    }

    /// Other files of its directory change too.
    private func reloadChangedCatalogue() {
        let found = FileIdentity(of: configuration.cataloguePath)
        let hasChanged = catalogueState.withLock { state in
            defer { state = found }
            return state != found
        }
        if hasChanged { reloadCatalogue() }
    }

    private func reloadCatalogue() {
        do {
            try supervisor.use(catalogueSource.load())
            server.useConnectionLimits()
            log.info("catalogue-read", ["path": configuration.cataloguePath])
        } catch {
            supervisor.refuseCatalogue(error)
            log.error("catalogue-refused", ["path": configuration.cataloguePath, "why": error.message])
        }
        notify(status)
    }

    /// What a service manager shows.
    private var status: ServiceNotifier.Message {
        let problem = supervisor.state.withLock { $0.catalogueProblem?.message }
        let serves = "serves \(socket.path)"
        return .status(problem.map { "\(serves) with an older catalogue: \($0)" } ?? serves)
    }
}
