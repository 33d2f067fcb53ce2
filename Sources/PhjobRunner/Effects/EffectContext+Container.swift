import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// The job's container: which one it is, and what the engine knows of it.
///
/// Once the launch has been reported it is the recorded id, whatever the container is called by now. Before, the name finds it,
/// and both labels must be the job's: a name can be taken by anyone.
extension EffectContext {
    /// What the engine is to be told to mean it.
    var handle: String { containerID ?? name }

    /// The engine's id of it; `nil` before that is recorded.
    var containerID: String? {
        switch job.state {
        case .pending, .preparing: nil
        case .running(let running): running.container.id
        case .ended(let ended): ended.containerID
        }
    }

    /// The record of the running job; `nil` in another phase.
    var running: RunningJob? {
        guard case .running(let running) = job.state else { return nil }
        return running
    }

    /// The recorded first process of the container, by a pidfd; `nil` if it is not known, or has ended.
    var process: Descriptor? {
        guard let container = running?.container, container.bootID == Boot.id, let process = container.process else {
            return nil
        }
        return PidDescriptor.open(pid: process.pid, startTicks: process.startTicks)
    }

    var isProcessAlive: Bool { process != nil }

    var labels: ContainerLabels { ContainerLabels(job: id, state: store.stateID) }

    /// What the engine knows of the job's container; `nil` if it has none, on its own word.
    ///
    /// - Parameter id: the container's id, where the caller knows more than the record.
    /// - Throws: ``EngineError/damaged(container:words:)`` if the engine has it and cannot describe it.
    func inspect(_ engine: Engine, id: String? = nil) throws(EngineError) -> ContainerInspection? {
        let handle = id ?? self.handle
        do throws(EngineError) {
            if let found = try executor.containers.inspect(handle, with: engine), isOurs(found) { return found }
        } catch .damaged(let container, let words) where Engine.isContainerID(handle) {
            throw .damaged(container: container, words: words)
        } catch .damaged {
            // Whose it is, only the labels can tell.
        }
        // The name may be another's, and the job's container renamed.
        guard let listed = try ids(engine).first(where: { !Engine.isContainerID(handle) || $0 == handle }) else {
            return nil
        }
        guard let found = try executor.containers.inspect(listed, with: engine) else {
            throw .damaged(container: listed, words: "it is listed, and there is no description of it")
        }
        return found
    }

    /// The id, if it is known, or the name of a container that has the job's name, and is not the job's.
    func stranger(_ engine: Engine) throws(EngineError) -> String? {
        do throws(EngineError) {
            return try executor.containers.inspect(name, with: engine).flatMap { isOurs($0) ? nil : $0.id }
        } catch .damaged(let container, _) {
            return container
        }
    }

    /// The ids of the containers that carry the job's labels.
    func ids(_ engine: Engine) throws(EngineError) -> [String] {
        try engine.names(of: labels).filter(Engine.isContainerID).sorted()
    }

    private func isOurs(_ found: ContainerInspection) -> Bool {
        found.labels[ContainerLabels.jobKey] == id.text && found.labels[ContainerLabels.stateKey] == store.stateID
    }

    /// Removes the job's container, also a running one, and nothing else.
    func removeContainer(_ engine: Engine) throws(EngineError) {
        if let containerID { return try executor.containers.remove(containerID, with: engine) }
        let ids = try ids(engine)
        for id in ids { try executor.containers.remove(id, with: engine) }
        if ids.isEmpty { try freeName(engine) }
    }

    /// Removes what a client that was killed has left in podman's storage under the job's name: neither `inspect` nor `ps` know
    /// of it, and it is in the way of every launch. A container that another made is left alone.
    func freeName(_ engine: Engine) throws(EngineError) {
        // A docker daemon may still be at work on what its client gave up, and has no such halves.
        guard !engine.dialect.createdMeansNeverRan, try stranger(engine) == nil else { return }
        try engine.remove([name], stateID: store.stateID)
    }

    /// The words for a launch that a stranger's container is in the way of.
    func explain(_ stranger: String, _ engine: Engine) -> String {
        let which = Engine.isContainerID(stranger) ? String(stranger.prefix(12)) : name
        return "a container that phjob did not make has the name \(name) (\(which)) and is in the way; see it with "
            + "'\(engine.facts.name) container inspect \(which)', then submit the job again"
    }
}
