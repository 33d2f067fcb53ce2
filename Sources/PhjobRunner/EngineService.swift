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
    }

    private let state: Mutex<State>
    /// Held while the engine is looked for, so that many who need it look once.
    private let search = Mutex(())
    private let environment: [String: String]
    private let log: EventLog

    init(settings: Catalogue.EngineSettings, environment: [String: String], log: EventLog) {
        state = Mutex(State(settings: settings))
        self.environment = environment
        self.log = log
    }

    var current: Engine? { state.withLock { $0.engine } }
    var problem: EngineError? { state.withLock { $0.problem } }

    /// Whether there is no engine on this machine at all, so that waiting will not help.
    var isMissing: Bool {
        if case .notInstalled = problem { return current == nil }
        return false
    }

    /// Takes over another choice of the catalogue; the next ``find()`` obeys it.
    func use(_ settings: Catalogue.EngineSettings) {
        state.withLock { state in
            guard state.settings != settings else { return }
            state = State(settings: settings)
        }
    }

    /// The engine; looks for one if there is none.
    @discardableResult
    func find() throws(EngineError) -> Engine {
        if let engine = current { return engine }
        let result = search.withLock { _ -> Result<Engine, EngineError> in
            if let engine = current { return .success(engine) }
            let settings = state.withLock { $0.settings }
            do throws(EngineError) {
                let engine = try EngineProbe.find(settings, environment: environment)
                state.withLock { state in
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
                return .success(engine)
            } catch {
                let isNew = state.withLock { state in
                    defer { state.problem = error }
                    return state.problem != error
                }
                if isNew { log.error("engine-missing", ["why": error.description]) }
                return .failure(error)
            }
        }
        return try result.get()
    }
}
