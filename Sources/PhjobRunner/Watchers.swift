import PhjobCore
import PhjobSystem
import Synchronization

/// Who waits for a change of a job, or of any.
final class Watchers: Sendable {
    /// One waiting thread: what it polls. Ends with its last reference.
    final class Subscription: Sendable {
        let wakeup: Wakeup
        private let watchers: Watchers
        private let number: UInt64

        fileprivate init(_ wakeup: Wakeup, _ watchers: Watchers, _ number: UInt64) {
            self.wakeup = wakeup
            self.watchers = watchers
            self.number = number
        }

        deinit {
            watchers.remove(number)
        }
    }

    private struct Entry {
        /// Nil for all.
        let jobs: Set<JobID>?
        let wakeup: Wakeup
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// - Parameter jobs: the jobs whose changes matter; nil for all.
    func subscribe(to jobs: Set<JobID>?) throws(SystemError) -> Subscription {
        let wakeup = try Wakeup()
        let number = state.withLock { state in
            state.next += 1
            state.entries[state.next] = Entry(jobs: jobs, wakeup: wakeup)
            return state.next
        }
        return Subscription(wakeup, self, number)
    }

    /// How many wait.
    var count: Int { state.withLock { $0.entries.count } }

    func notify(_ id: JobID) {
        state.withLock { state in
            for entry in state.entries.values where entry.jobs?.contains(id) ?? true { entry.wakeup.signal() }
        }
    }

    /// What waiting jobs wait for has changed. Those who watch certain jobs are told when these change phase, which is what they wait for.
    func notifyOfOutlook() {
        state.withLock { state in
            for entry in state.entries.values where entry.jobs == nil { entry.wakeup.signal() }
        }
    }

    /// Something has changed that is no job's alone.
    func notifyAll() {
        state.withLock { state in for entry in state.entries.values { entry.wakeup.signal() } }
    }

    private func remove(_ number: UInt64) {
        _ = state.withLock { $0.entries.removeValue(forKey: number) }
    }
}
