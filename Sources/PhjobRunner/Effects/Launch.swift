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
        let request = ContainerRequest(
            for: context.job, imageID: launch.image.id, stateID: context.store.stateID,
            files: context.executor.files(of: context.id))
        context.executor.countLaunch(1)
        defer { context.executor.countLaunch(-1) }
        do throws(EngineError) {
            guard let id = try begin(request, with: engine) else { return }
            try started(id, engine: engine)
        } catch .refused(let words) {
            refused(words, request, engine: engine)
        } catch {
            // No answer says nothing; what became of it is found out as after a crash.
            context.log.warning("launch-unclear", ["job": context.id.text, "why": error.description])
            Recovery(context).run()
        }
    }

    /// - Returns: the engine's id of the container; nil if somebody asked meanwhile that it be not started.
    private func begin(_ request: ContainerRequest, with engine: Engine) throws(EngineError) -> String? {
        context.executor.launchGate.wait()
        defer { context.executor.launchGate.signal() }
        if context.supervisor.job(context.id)?.intent != nil {
            context.report(.launchNotBegun)
            return nil
        }
        // The number that an earlier attempt left would be another process by now.
        try? context.store.remove(["pid"], of: context.id)
        return try engine.launch(request)
    }

    private func started(_ containerID: String, engine: Engine) throws(EngineError) {
        if engine.dialect.writesLogFile { context.store.keepLogHead(of: context.id) }
        var pid = context.store.containerPID(of: context.id) ?? 0
        var startTime = Self.modificationTime(of: context.store.layout.job(context.id).pid)
        if pid == 0 || startTime == nil {
            guard let found = try context.inspect(engine) else {
                throw .unreachable("the container it started is gone")
            }
            pid = found.pid
            startTime = found.startTime
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

    /// The engine said no. A container that it left behind is removed by the job's clean-up.
    private func refused(_ words: String, _ request: ContainerRequest, engine: Engine) {
        do throws(EngineError) {
            if let found = try context.inspect(engine) {
                // The client can fail after the start; then the container itself is believed.
                if found.isEnded || found.isRunning { return Recovery(context).run() }
                return context.report(
                    .launchFailed(message: found.error.isEmpty ? words : TerminalText.escaped(found.error)))
            }
            // Nothing was made. A container of this name that the engine half knows is in the way of every attempt
            // (podman, after a crash), so it is removed, and the launch is tried once more.
            try engine.remove([request.name], stateID: context.store.stateID)
            guard let id = try begin(request, with: engine) else { return }
            try started(id, engine: engine)
        } catch .refused(let words) {
            context.report(.launchFailed(message: words))
        } catch {
            context.log.warning("launch-unclear", ["job": context.id.text, "why": error.description])
            Recovery(context).run()
        }
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
