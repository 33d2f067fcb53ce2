import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// What an effect works with.
struct EffectContext: Sendable {
    /// The job as it was when the effect was decided.
    let job: Job
    let supervisor: Supervisor
    let executor: EffectExecutor

    var id: JobID { job.id }
    var name: String { job.id.containerName }
    var store: JobStore { supervisor.store }
    var log: EventLog { supervisor.log }

    func report(_ event: JobEvent) { supervisor.report(event, to: id) }

    /// The engine, as soon as there is one.
    ///
    /// - Parameter abandon: gives up when it becomes readable.
    /// - Returns: nil if it was given up.
    func engine(abandon: Descriptor? = nil) -> Engine? {
        var backoff = Backoff(first: 0.5, longest: 10)
        while true {
            if let engine = try? supervisor.engines.find() { return engine }
            backoff.wait(abandon: abandon)
            if let abandon, (try? Poll.readable([abandon.number], until: .now)) == [true] { return nil }
        }
    }

    /// What the engine knows of the job's container; nil if it does not have it, on its own word.
    func inspect(_ engine: Engine) throws(EngineError) -> ContainerInspection? {
        let found = try executor.inspections.call(EffectExecutor.Inspection(engine: engine, name: name)).get()
        if let found {
            // A name can be taken by anybody; ours carries our labels too.
            return found.labels[ContainerLabels.jobKey] == id.text ? found : nil
        }
        if try engine.names(stateID: store.stateID).contains(name) {
            throw .unreachable("it lists the container \(name), and does not describe it")
        }
        return nil
    }
}
