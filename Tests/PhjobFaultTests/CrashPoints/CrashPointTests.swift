import Glibc
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobTestSupport
import Synchronization
import Testing

/// A fault at every call of the runner that changes its state directory, one after the other.
///
/// A sample of the calls is taken, the same each time unless `PHJOB_TEST_SEED` says otherwise; all of them with
/// `PHJOB_TEST_FAULTS=all`.
@Suite("Every crash point")
struct CrashPointTests {
    private static let takesAll = getenv("PHJOB_TEST_FAULTS").map { String(cString: $0) } == "all"
    private static let seed = getenv("PHJOB_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1
    /// How many calls of each series a sample has. What the store does is the same for both engines.
    private static let sample = [EngineName.podman: 6, .docker: 3]
    private static let workers = 4

    struct Series: Sendable, CustomTestStringConvertible {
        let script: CrashRound.Script
        let engine: EngineName
        let fault: Fault

        var testDescription: String { "\(script.rawValue), \(engine.rawValue), \(fault.rawValue)" }

        func round(_ number: Int) -> CrashRound {
            CrashRound(script: script, engine: engine, fault: fault, number: number)
        }

        static let all: [Series] = EngineName.allCases.flatMap { engine in
            CrashRound.Script.allCases.flatMap { script in
                Fault.single.map { Series(script: script, engine: engine, fault: $0) }
            }
        }
    }

    @Test("Nothing acknowledged is lost, and nothing runs twice", arguments: Series.all)
    func everyPoint(_ series: Series) async throws {
        let count = try await Self.play(series.round(0)).count
        try #require(count > (series.script == .life ? 20 : 5), "the library sees what the runner does")
        let numbers = Numbers(count: count, sample: Self.takesAll ? nil : Self.sample[series.engine], seed: Self.seed)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.workers {
                group.addTask {
                    while let number = numbers.next() {
                        do {
                            let calls = try await Self.play(series.round(number))
                            numbers.report(hasHit: calls.contains { $0.hasPrefix("\(number) ") })
                        } catch {
                            Issue.record("\(error)")
                        }
                    }
                }
            }
        }
        #expect(numbers.hits > 0)
        print("\(series.testDescription): \(numbers.hits) faults, \(count) calls without one")
    }

    /// What a round gives back, from a thread of its own.
    private final class Calls: Sendable {
        let lines = Mutex<[String]>([])
    }

    /// - Returns: the calls that counted.
    private static func play(_ round: CrashRound) async throws -> [String] {
        let calls = Calls()
        try await withWorld(WorldOptions(engine: round.engine.rawValue, cpus: 2, grace: 1)) { world in
            let result = try round.run(in: world)
            calls.lines.withLock { $0 = result.calls }
        }
        return calls.lines.withLock(\.self)
    }
}
