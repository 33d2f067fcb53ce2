import PhjobEngine

/// Calls about containers, joined over jobs: many that end together cost few calls. Engines do not wait for each other.
final class ContainerCalls: Sendable {
    struct Call: Sendable {
        let engine: Engine
        /// A name or an id.
        let handle: String

        func isMeant(_ found: ContainerInspection) -> Bool { found.id == handle || found.name == handle }
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
        inspections = Self.forEachEngine { Inspections(limit: Self.limit) { Self.inspect($0, stateID: stateID) } }
        removals = Self.forEachEngine {
            Removals(limit: Self.removalLimit, patience: removalPatience) { Self.remove($0, stateID: stateID) }
        }
    }

    /// What the engine answers about a name or an id; that it does not have the container proves nothing.
    ///
    /// - Throws: ``EngineError/damaged(container:words:)`` if the engine answers, but not about this one.
    func inspect(_ handle: String, with engine: Engine) throws(EngineError) -> ContainerInspection? {
        guard let calls = inspections[engine.facts.name] else { return nil }
        return try calls.call(Call(engine: engine, handle: handle)).get()
    }

    /// Removes a container with all that was made for it; a missing one is no error.
    ///
    /// - Parameter id: the engine's id of it: a name can be taken by anyone.
    func remove(_ id: String, with engine: Engine) throws(EngineError) {
        try removals[engine.facts.name]?.call(Call(engine: engine, handle: id)).get()
    }

    /// From now on no removal waits for others.
    func hurry() { for calls in removals.values { calls.hurry() } }

    static func inspect(
        _ calls: [Call], stateID: String
    ) -> [Result<ContainerInspection?, EngineError>] {
        let engine = calls[0].engine
        do throws(EngineError) {
            return try inspectTogether(calls)
        } catch {
            // podman describes none if it cannot describe one. The others get their answer, unless nothing is answered.
            guard (try? engine.names(stateID: stateID)) != nil else { return calls.map { _ in .failure(error) } }
            return calls.map { inspectAlone($0) }
        }
    }

    private static func inspectTogether(
        _ calls: [Call]
    ) throws(EngineError) -> [Result<ContainerInspection?, EngineError>] {
        let found = try calls[0].engine.inspect(calls.map(\.handle))
        return calls.map { call in .success(found.first(where: call.isMeant)) }
    }

    private static func inspectAlone(_ call: Call) -> Result<ContainerInspection?, EngineError> {
        do throws(EngineError) {
            return try inspectTogether([call])[0]
        } catch .unreachable(let words) {
            return .failure(.damaged(container: call.handle, words: words))
        } catch {
            return .failure(error)
        }
    }

    static func remove(_ calls: [Call], stateID: String) -> [Result<Void, EngineError>] {
        let engine = calls[0].engine
        do throws(EngineError) {
            try engine.remove(calls.map(\.handle), stateID: stateID)
            return calls.map { _ in .success(()) }
        } catch {
            // One that cannot be removed must not keep the others, of which some may be gone, and some not even tried.
            guard let left = try? engine.names(stateID: stateID) else { return calls.map { _ in .failure(error) } }
            return calls.map { call in
                if !left.contains(call.handle) { return .success(()) }
                return calls.count == 1 ? .failure(error) : removeAlone(call, stateID: stateID)
            }
        }
    }

    private static func removeAlone(_ call: Call, stateID: String) -> Result<Void, EngineError> {
        do throws(EngineError) {
            return .success(try call.engine.remove([call.handle], stateID: stateID))
        } catch {
            return .failure(error)
        }
    }

    private static func forEachEngine<Value>(_ make: () -> Value) -> [EngineName: Value] {
        Dictionary(uniqueKeysWithValues: EngineName.allCases.map { ($0, make()) })
    }
}
