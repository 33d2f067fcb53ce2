import FoundationEssentials
import Glibc
package import PhjobCore
import PhjobHTTP
import PhjobStore
import PhjobSystem
import Synchronization

/// The one long-lived process that owns a state directory: queue, containers, deadlines, retention, API.
package final class Runner: Sendable {
    private let configuration: RunnerConfiguration
    private let lock: FileLock
    private let supervisor: Supervisor
    private let listener: Descriptor
    private let server: APIServer
    private let loop: EventLoop
    private let signals: Signals
    private let catalogueWatch: FileWatch
    private let log: EventLog

    /// Takes the lock, reads everything, and listens; serves nothing yet.
    ///
    /// Call it on the first thread, before any other is started: signals are blocked here for all of them.
    ///
    /// - Throws: ``PhjobError``; with code `conflict` if another runner has the state directory.
    package init(_ configuration: RunnerConfiguration) throws(PhjobError) {
        self.configuration = configuration
        let log = EventLog()
        self.log = log
        do {
            signals = try Signals([SIGTERM, SIGINT, SIGHUP, SIGQUIT])
            // Nothing that is made without a mode of its own shall be readable by others.
            umask(0o077)
            guard let account = UserAccount.current else {
                throw PhjobError(.unavailable, "uid \(geteuid()) has no entry in the user database", hint: "run as an ordinary user")
            }
            let owner = JobSpec.User(name: account.name, uid: account.uid, gid: account.gid)
            try Directory.create(configuration.stateDirectory)
            let layout = StateLayout(root: configuration.stateDirectory)
            lock = try Self.takeLock(layout, configuration)
            let store = try JobStore(root: configuration.stateDirectory)
            let catalogue = try CatalogueFile.load(configuration.cataloguePath)
            loop = try EventLoop()
            catalogueWatch = try FileWatch()
            let engines = EngineService(settings: catalogue.engine, environment: configuration.environment, log: log)
            supervisor = Supervisor(catalogue: catalogue, store: store, engines: engines, loop: loop, log: log)
            // Found before anything is recovered, so that facts such as limits that are not kept are known.
            _ = try? engines.find()
            listener = try UnixSocket.listen(at: configuration.socketPath)
            let loop = loop
            server = try APIServer(
                listener: dup(listener.number), owner: owner, supervisor: supervisor, configuration: configuration,
                startTime: Supervisor.now, stop: { loop.stop() })
            try lock.setContent(#"{"pid":\#(getpid()),"socket":"\#(configuration.socketPath)"}"# + "\n")
        } catch let error as PhjobError {
            throw error
        } catch {
            throw PhjobError(.unavailable, "the runner cannot start: \(error)", hint: "see 'phjob doctor'")
        }
    }

    private static func takeLock(_ layout: StateLayout, _ configuration: RunnerConfiguration) throws -> FileLock {
        guard let lock = try FileLock(path: layout.lock) else {
            throw PhjobError(
                .conflict, "another runner has the state directory \(configuration.stateDirectory)",
                hint: "see 'phjob runner status'")
        }
        return lock
    }

    /// Serves until a signal or a request ends it. Running jobs run on.
    ///
    /// - Throws: ``PhjobError`` if the state cannot be taken up.
    package func run() throws(PhjobError) {
        log.info(
            "runner-started",
            ["pid": "\(getpid())", "state": configuration.stateDirectory, "socket": configuration.socketPath])
        do {
            watchCatalogue()
            _ = loop.whenReadable(signals.descriptor) { [self] in handleSignals() }
            try supervisor.recover()
            WorkerThread.start("api") { [server, log, loop] in
                do {
                    try server.serve()
                } catch {
                    log.error("api-failed", ["why": "\(error)"])
                    loop.stop()
                }
            }
            try loop.run()
        } catch let error as PhjobError {
            throw error
        } catch {
            throw PhjobError(.unavailable, "the runner has failed: \(error)", hint: "see 'phjob doctor'")
        }
        end()
    }

    private func end() {
        supervisor.stopPlanning()
        unlink(configuration.socketPath)
        server.stop()
        // A launch that is under way is waited for: its answer saves the next runner from having to find out.
        let deadline = Monotonic.now.adding(seconds: 15)
        while supervisor.executor.isLaunching, .now < deadline { usleep(20_000) }
        log.info("runner-ended", ["pid": "\(getpid())"])
    }

    private func handleSignals() {
        while let signal = signals.next() {
            if signal == SIGHUP {
                reloadCatalogue()
            } else {
                loop.stop()
            }
        }
    }

    private func watchCatalogue() {
        let directory = configuration.cataloguePath.split(separator: "/").dropLast().joined(separator: "/")
        do {
            try catalogueWatch.add("/" + directory, .entries)
            _ = loop.whenReadable(catalogueWatch.descriptor) { [self] in
                catalogueWatch.drain()
                reloadCatalogue()
            }
        } catch {
            log.warning("catalogue-not-watched", ["why": error.description])
        }
    }

    private func reloadCatalogue() {
        do {
            try supervisor.use(CatalogueFile.load(configuration.cataloguePath))
            log.info("catalogue-read", ["path": configuration.cataloguePath])
        } catch {
            supervisor.refuseCatalogue(error)
            log.error("catalogue-refused", ["path": configuration.cataloguePath, "why": error.message])
        }
    }
}
