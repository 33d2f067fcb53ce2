import PhjobTestSupport
import Synchronization

/// The calls at which a fault shall happen: a sample, or all until no more is reached.
final class Numbers: Sendable {
    private struct State {
        var sample: [Int]?
        var following = 1
        var misses = 0
        var hits = 0
    }

    private let state: Mutex<State>

    /// - Parameters:
    ///   - count: how many calls a round without a fault has.
    ///   - sample: how many to take; nil for all.
    init(count: Int, sample: Int?, seed: UInt64) {
        var random = SeededGenerator(seed: seed &+ UInt64(count))
        // One of each part, so that no part of a job's life is left out.
        let parts = sample.map { min($0, count) }
        let numbers = parts.map { parts in
            (0..<parts).map { Int.random(in: $0 * count / parts + 1...($0 + 1) * count / parts, using: &random) }
        }
        state = Mutex(State(sample: numbers))
    }

    /// How many rounds reached their call.
    var hits: Int { state.withLock(\.hits) }

    func next() -> Int? {
        state.withLock { state in
            if let sample = state.sample {
                state.sample = Array(sample.dropFirst())
                return sample.first
            }
            // Rounds differ by a call or two, as threads come sooner or later.
            if state.misses >= 3 { return nil }
            defer { state.following += 1 }
            return state.following
        }
    }

    func report(hasHit: Bool) {
        state.withLock { state in
            if hasHit { state.hits += 1 } else { state.misses += 1 }
        }
    }
}
