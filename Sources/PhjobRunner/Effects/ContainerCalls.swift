import PhjobEngine

/// Calls about containers, joined over jobs: many that end together cost few calls. Engines do not wait for each other.
final class ContainerCalls: Sendable {
    private struct Call: Sendable {
        let engine: Engine
        let name: String
    }

    private typealias Inspections = Batcher<Call, Result<ContainerInspection?, EngineError>>
    private typealias Removals = Batcher<Call, Result<Void, EngineError>>

    private static let limit = 64
    /// Of a removal by itself four fifths are the start and the end of the client. Nobody waits for it, so it waits for others.
    private static let removalLimit = 16

    private let inspections: [EngineName: Inspections]
    private let removals: [EngineName: Removals]

    /// - Parameters:
    ///   - stateID: the id of the state directory whose containers they are.
    ///   - removalPatience: seconds for which a removal waits for others.
    init(stateID: String, removalPatience: Double) {
        inspections = Self.forEachEngine { Inspections(limit: Self.limit) { Self.inspect($0) } }
        removals = Self.forEachEngine {
            Removals(limit: Self.removalLimit, patience: removalPatience) { Self.remove($0, stateID: stateID) }
        }
    }

    /// What the engine answers; that it does not have the container proves nothing.
    func inspect(_ name: String, with engine: Engine) throws(EngineError) -> ContainerInspection? {
        guard let calls = inspections[engine.facts.name] else { return nil }
        return try calls.call(Call(engine: engine, name: name)).get()
    }

    /// Removes a container with all that was made for it; a missing one is no error.
    func remove(_ name: String, with engine: Engine) throws(EngineError) {
        try removals[engine.facts.name]?.call(Call(engine: engine, name: name)).get()
    }

    /// From now on no removal waits for others.
    func hurry() { for calls in removals.values { calls.hurry() } }

    private static func inspect(_ calls: [Call]) -> [Result<ContainerInspection?, EngineError>] {
        do throws(EngineError) {
            let found = try calls[0].engine.inspect(calls.map(\.name))
            return calls.map { call in .success(found.first { $0.name == call.name }) }
        } catch {
            return calls.map { _ in .failure(error) }
        }
    }

    private static func remove(_ calls: [Call], stateID: String) -> [Result<Void, EngineError>] {
        let engine = calls[0].engine
        do throws(EngineError) {
            try engine.remove(calls.map(\.name), stateID: stateID)
            return calls.map { _ in .success(()) }
        } catch {
            // One that cannot be removed must not keep the others, which may well be gone.
            guard let left = try? engine.names(stateID: stateID) else { return calls.map { _ in .failure(error) } }
            return calls.map { left.contains($0.name) ? .failure(error) : .success(()) }
        }
    }

    private static func forEachEngine<Value>(_ make: () -> Value) -> [EngineName: Value] {
        Dictionary(uniqueKeysWithValues: EngineName.allCases.map { ($0, make()) })
    }
}
