import Dispatch
import Glibc
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Asks the engine to start a job's container; once, unless the engine proves that nothing came of it.
struct Launch {
    private let context: EffectContext

    init(_ context: EffectContext) {
        self.context = context
    }

    func run() {
        guard case .preparing(let preparing) = context.job.state, let launch = preparing.launch else { return }
        guard let engine = context.engine() else { return }
        var request = ContainerRequest(
            for: context.job, imageID: launch.image.id, stateID: context.store.stateID,
            files: context.executor.files(of: context.id))
        // An older phjob may have prepared it: its launcher leaves no mark.
        if context.store.commandHasBegun(context.id) == nil {
            request.mounts.removeAll { $0.target == ContainerRequest.Place.mark }
        }
        if let volumes = launch.image.volumes, !engine.dialect.ignoresImageVolumes {
            let mounts = ImageVolumeMounts(
                job: context.job, jobDirectory: context.store.layout.job(context.id).root, mode: context.supervisor.mode
            )
            do throws(ImageVolumeMounts.Refusal) {
                try mounts.add(volumes, to: &request)
            } catch {
                return context.report(.launchFailed(.containerFailed, message: error.message))
            }
        }
        request.seccompProfile = context.executor.seccomp.path(for: engine, log: context.log)
        do throws(PhjobError) {
            try context.supervisor.coverMounts(of: &request, for: context.job.spec)
        } catch {
            return context.report(.launchFailed(.containerFailed, message: error.message))
        }
        do throws(EngineError) {
            try run(request, with: engine)
        } catch .refused(let words) {
            context.report(.launchFailed(.containerFailed, message: words))
        } catch {
            // No answer says nothing; what became of it is found out as after a crash.
            context.log.warning("launch-unclear", ["job": context.id.text, "why": error.description])
            Recovery(context).run()
        }
    }

    /// Tries until there is something to report: more than once only where the engine said no, and has nothing to show.
    private func run(_ request: ContainerRequest, with engine: Engine) throws(EngineError) {
        var backoff = Backoff(first: 1, longest: 10)
        var isRepeated = false
        while true {
            context.waitForShutdown()
            guard let words = try attempt(request, with: engine) else { return }
            let found = try context.inspect(engine)
            // The client can fail after the start; then the container itself is believed.
            if let found, found.isEnded || found.isRunning { return Recovery(context).run() }
            let cause = found.flatMap { $0.error.isEmpty ? nil : TerminalText.escaped($0.error) } ?? words
            if EngineError.isForWantOfSpace(cause), found == nil || isUnstarted(with: engine) {
                if let found { try removeUnstarted(found.id, with: engine) }
                context.supervisor.setProgress("waits for this to be mended: \(cause)", of: context.id)
                backoff.wait()
                continue
            }
            if found == nil, let stranger = try context.stranger(engine) {
                return context.report(.launchFailed(.containerFailed, message: context.explain(stranger, engine)))
            }
            // A container that the engine left behind is removed by the job's clean-up.
            guard found == nil, !isRepeated else {
                return context.report(.launchFailed(.containerFailed, message: cause))
            }
            isRepeated = true
            // Nothing was made. A docker daemon may still be at work on what its client gave up; then the name keeps the
            // second attempt from being a second container.
            try context.freeName(engine)
        }
    }

    /// Whether the command of a container that was not started, by the engine's word, has certainly never run.
    private func isUnstarted(with engine: Engine) -> Bool {
        // The runtime writes the number before anything runs; podman may have failed after that, at noting the start.
        engine.dialect.createdMeansNeverRan
            || context.store.containerPID(of: context.id) == nil && !context.hasMonitor(engine)
    }

    /// - Returns: the engine's words if it refused; nil if the launch is reported.
    private func attempt(_ request: ContainerRequest, with engine: Engine) throws(EngineError) -> String? {
        context.executor.countLaunch(1)
        defer { context.executor.countLaunch(-1) }
        do throws(EngineError) {
            guard let id = try begin(request, with: engine) else { return nil }
            try started(id, engine: engine)
            return nil
        } catch .refused(let words) {
            return words
        }
    }

    /// Not by force: a daemon that starts it at this very moment must win.
    private func removeUnstarted(_ id: String, with engine: Engine) throws(EngineError) {
        do throws(EngineError) {
            try engine.removeUnstarted(id)
        } catch {
            throw .unreachable(error.description)
        }
    }

    /// - Returns: the engine's id of the container; nil if it is not to be started any more.
    private func begin(_ request: ContainerRequest, with engine: Engine) throws(EngineError) -> String? {
        var backoff = Backoff(first: 1, longest: 30)
        while true {
            do {
                return try beginIfPermitted(request, with: engine)
            } catch let error as AccountLookupError {
                context.supervisor.setProgress("waits: \(error)", of: context.id)
            } catch let error as EngineError {
                throw error
            } catch {
                throw .unreachable("\(error)")
            }
            backoff.wait()
        }
    }

    /// - Throws: `EngineError`; `AccountLookupError` if nobody can tell whether the job may begin.
    private func beginIfPermitted(_ request: ContainerRequest, with engine: Engine) throws -> String? {
        context.executor.launchGate.wait()
        defer { context.executor.launchGate.signal() }
        if context.supervisor.job(context.id)?.intent != nil {
            context.report(.launchNotBegun)
            return nil
        }
        // A launch may be taken up long after it was prepared, by another runner.
        if let why = try context.supervisor.whyNotPermitted(context.job.spec) {
            context.report(.launchFailed(.notPermitted, message: why))
            return nil
        }
        // The number that an earlier attempt left would be another process by now.
        try? context.store.remove(["pid"], of: context.id)
        guard let lock = try FileLock.openLocked(context.store.layout.job(context.id).launch) else {
            throw EngineError.unreachable("a client of the engine is still at work on an earlier launch")
        }
        if engine.dialect.writesLogFile { context.countLogRotations() }
        return try engine.launch(request, lock: lock)
    }

    private func started(_ containerID: String, engine: Engine) throws(EngineError) {
        if engine.dialect.writesLogFile { context.store.keepLogHead(of: context.id) }
        var pid = context.store.containerPID(of: context.id) ?? 0
        var startTime = Self.modificationTime(of: context.store.layout.job(context.id).pid)
        if pid == 0 || startTime == nil {
            // One answer without the container is not yet a loss.
            var found = try inspect(containerID, with: engine)
            if found == nil { found = try inspect(containerID, with: engine) }
            guard let found else {
                // It was started, so it is not started again, be it gone before anybody could look.
                return context.report(.lost(.containerLost, message: ExitCollection.wasRemoved))
            }
            pid = found.pid
            startTime = found.startTime
            if found.isEnded { context.executor.keepEnd(found, of: context.id) }
        }
        let process = ProcessTable.startTicks(of: pid).map {
            ContainerIdentity.ProcessIdentity(pid: pid, startTicks: $0)
        }
        let now = Supervisor.now
        context.report(
            .started(
                ContainerIdentity(
                    id: containerID, process: process ?? ContainerIdentity.ProcessIdentity.ended(pid), bootID: Boot.id),
                at: min(startTime ?? now, now)))
    }

    /// The container as the daemon has noted it, where that can be read, else by the engine's word.
    private func inspect(_ containerID: String, with engine: Engine) throws(EngineError) -> ContainerInspection? {
        if let noted = engine.facts.daemonRecord(of: containerID)?.read(), noted.isEnded || noted.pid > 0 {
            return noted
        }
        return try context.inspect(engine, id: containerID)
    }

    private static func modificationTime(of path: String) -> Timestamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
    }
}

extension ContainerIdentity.ProcessIdentity {
    /// A process that had ended before it could be looked at: no later process has zero ticks.
    static func ended(_ pid: Int32) -> ContainerIdentity.ProcessIdentity? {
        pid > 0 ? ContainerIdentity.ProcessIdentity(pid: pid, startTicks: 0) : nil
    }
}
