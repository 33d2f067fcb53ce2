import PhjobAPI
import PhjobCore
import Synchronization

/// The most that anybody was told of each job.
final class PowerCutFacts: Sendable {
    private let views = Mutex<[JobID: JobView]>([:])

    var count: Int { views.withLock(\.count) }
    var all: [JobView] { views.withLock { Array($0.values) } }

    func see(_ view: JobView) {
        views.withLock { views in
            if let known = views[view.id], known.phase.progress > view.phase.progress { return }
            views[view.id] = view
        }
    }
}

extension JobPhase {
    /// How far a job in this phase has come.
    var progress: Int {
        switch self {
        case .pending: 0
        case .preparing: 1
        case .running: 2
        case .succeeded, .failed, .cancelled, .unknown: 3
        }
    }
}
