import PhjobSystem
import Synchronization

/// What is known of the directories that jobs get. Looked at outside every lock and with a time limit, before a job
/// takes a share of the node: one whose server is away holds up its own jobs only.
final class MountSources: Sendable {
    private struct Known {
        let state: MountSource.State
        let time: Monotonic
    }

    private let known = Mutex<[MountSource: Known]>([:])
    private let looks: BoundedCalls<MountSource, MountSource.State>
    /// Seconds for which an answer holds.
    private static let lifetime = 5.0

    /// - Parameters:
    ///   - limit: seconds after which one does not answer.
    ///   - look: may block for ever.
    init(limit: Double = 5, look: @escaping @Sendable (MountSource) -> MountSource.State) {
        looks = BoundedCalls(limit: limit, look)
    }

    /// Looks at all of them, and waits no longer than the limit.
    ///
    /// - Parameter late: called on another thread when one answers at last that was taken for absent.
    func look(at sources: [MountSource], late: @escaping @Sendable () -> Void) -> [MountSource.State] {
        let answers = looks.answers(sources) { [self] source, state in
            known.withLock { $0[source] = Known(state: state, time: .now) }
            late()
        }
        let states = zip(sources, answers).map { $1 ?? .away("\($0.name) does not answer") }
        known.withLock { known in
            for (source, state) in zip(sources, states) { known[source] = Known(state: state, time: .now) }
        }
        return states
    }

    /// Whether all of them were there a moment ago, or are known to be of no use.
    func isCurrent(_ sources: [MountSource]) -> Bool {
        known.withLock { known in
            sources.allSatisfy { source in
                guard let answer = known[source] else { return false }
                if case .away = answer.state { return false }
                return Monotonic.now.seconds(since: answer.time) < Self.lifetime
            }
        }
    }

    /// Whether anything at all is known to be away.
    var hasAbsences: Bool {
        known.withLock { known in
            known.values.contains { answer in
                if case .away = answer.state { true } else { false }
            }
        }
    }

    /// Why one of them cannot be had, as far as that was seen; `nil` if none is known to be away.
    func absence(of sources: [MountSource]) -> String? {
        known.withLock { known in
            for source in sources {
                if case .away(let words) = known[source]?.state { return words }
            }
            return nil
        }
    }
}
