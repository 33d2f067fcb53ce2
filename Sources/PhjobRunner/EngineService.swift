import PhjobCore
import PhjobEngine
import PhjobSystem
import Synchronization

/// The engine in use, or why there is none. An engine that went away is looked for again by whoever needs it.
final class EngineService: Sendable {
    private struct State {
        var settings: Catalogue.EngineSettings
        var engine: Engine?
        var problem: EngineError?
        /// Engines that are needed only for jobs that were started with them.
        var others: [EngineName: Engine] = [:]
    }

    private struct Failure {
        let time: Monotonic
        let error: EngineError
    }

    private let state: Mutex<State>
    /// Held while an engine is looked for, so that many who need it look once.
    private let search = Mutex<Failure?>(nil)
    private let searchOfOthers = Mutex<[EngineName: Failure]>([:])
    private let environment: [String: String]
    private let callTimeout: Double
    private let log: EventLog
    /// Readable once the runner ends; `nil` if the kernel has no descriptor left for it.
    private let end = try? Wakeup()

    /// - Parameter callTimeout: seconds that a call of an engine may take which only asks or removes.
    init(settings: Catalogue.EngineSettings, environment: [String: String], callTimeout: Double = 60, log: EventLog) {
        state = Mutex(State(settings: settings))
        self.environment = environment
        self.callTimeout = callTimeout
        self.log = log
    }

    var current: Engine? { state.withLock { $0.engine } }
    var problem: EngineError? { state.withLock { $0.problem } }

    /// Whether there is no engine on this machine at all, so that waiting will not help.
    var isMissing: Bool {
        if case .notInstalled = problem { return current == nil }
        return false
    }

    /// NVIDIA's tool, looked for where the engines are; nil if it is not there.
    var nvidiaSMI: NvidiaSMI? {
        let settings = state.withLock { $0.settings }
        return NvidiaSMI.find(
            environment: EngineProbe.clientEnvironment(settings, environment: environment),
            timeout: min(callTimeout, 15))
    }

    /// Takes over another choice of the catalogue; the next ``find()`` obeys it.
    func use(_ settings: Catalogue.EngineSettings) {
        state.withLock { state in
            guard state.settings != settings else { return }
            state = State(settings: settings)
        }
    }

    /// The engine for new jobs; looks for one if there is none.
    @discardableResult
    func find() throws(EngineError) -> Engine {
        if let engine = current { return engine }
        let arrival = Monotonic.now
        let result = search.withLock { failure -> Result<Engine, EngineError> in
            if let engine = current { return .success(engine) }
            // Who has waited for somebody else's look takes its answer.
            if let failure, failure.time > arrival { return .failure(failure.error) }
            let settings = state.withLock { $0.settings }
            do throws(EngineError) {
                let engine = try EngineProbe.find(
                    settings, environment: environment, callTimeout: callTimeout, abandon: end?.descriptor)
                take(engine, foundBy: settings)
                return .success(engine)
            } catch {
                failure = Failure(time: .now, error: error)
                refuse(error, foundBy: settings)
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The engine of a job that was started, whatever the catalogue says now and whichever would be preferred: another one
    /// does not know the job, and its silence proves nothing.
    func find(_ name: EngineName) throws(EngineError) -> Engine {
        if let engine = known(name) { return engine }
        let arrival = Monotonic.now
        // At a start both are looked for at once, and mostly are the same.
        if isWanted(name) {
            let engine = try find()
            if engine.facts.name == name { return engine }
        }
        let result = searchOfOthers.withLock { failures -> Result<Engine, EngineError> in
            if let engine = known(name) { return .success(engine) }
            if let failure = failures[name], failure.time > arrival { return .failure(failure.error) }
            var settings = state.withLock { $0.settings }
            settings.choice = name == .podman ? .podman : .docker
            do throws(EngineError) {
                let engine = try EngineProbe.find(
                    settings, environment: environment, callTimeout: callTimeout, abandon: end?.descriptor)
                state.withLock { $0.others[name] = engine }
                return .success(engine)
            } catch {
                failures[name] = Failure(time: .now, error: error)
                log.warning("engine-of-job-missing", ["engine": name.rawValue, "why": error.description])
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Whether the engine for new jobs may be this one.
    private func isWanted(_ name: EngineName) -> Bool {
        switch state.withLock({ $0.settings.choice }) {
        case .auto: true
        case .podman: name == .podman
        case .docker: name == .docker
        }
    }

    /// Stops clients that only ask, now and from now on: no service manager likes to find them after the service's end.
    func endQueries() { end?.signal() }

    private func known(_ name: EngineName) -> Engine? {
        state.withLock { state in
            if let engine = state.engine, engine.facts.name == name { return engine }
            return state.others[name]
        }
    }

    private func take(_ engine: Engine, foundBy settings: Catalogue.EngineSettings) {
        state.withLock { state in
            // The catalogue may have changed its mind meanwhile; then the next to ask looks again.
            guard state.settings == settings else { return }
            state.engine = engine
            state.problem = nil
        }
        let facts = engine.facts
        log.info(
            "engine-found",
            [
                "engine": facts.name.rawValue, "version": facts.version, "rootless": "\(facts.isRootless)",
                "unenforced": facts.unenforcedLimits.joined(separator: ","),
            ])
    }

    private func refuse(_ error: EngineError, foundBy settings: Catalogue.EngineSettings) {
        let isNew = state.withLock { state in
            guard state.settings == settings, state.problem != error else { return false }
            state.problem = error
            return true
        }
        if isNew { log.error("engine-missing", ["why": error.description]) }
    }
}
