import Dispatch
import PhjobCore
import PhjobEngine
import PhjobSystem
import Synchronization

/// Lets only one thread at a time write a job's log file, and the last one, which completes it, go before all others.
final class LogCopies: Sendable {
    private struct Entry {
        let gate = DispatchSemaphore(value: 1)
        var users = 0
        /// To end the copying of those who follow.
        var followers: [Wakeup] = []
    }

    private let entries = Mutex<[JobID: Entry]>([:])

    /// Copies for as long as somebody follows: `body` must return once `abandon` is readable.
    func follow(_ id: JobID, abandon: Wakeup, _ body: () throws(EngineError) -> Void) throws(EngineError) {
        let gate = enter(id) { $0.followers.append(abandon) }
        defer { leave(id) { $0.followers.removeAll { $0 === abandon } } }
        gate.wait()
        defer { gate.signal() }
        guard !Self.isSignalled(abandon) else { return }
        try body()
    }

    /// Copies what there is now. Where somebody is at work on it already, that is enough.
    func refresh(_ id: JobID, _ body: () throws(EngineError) -> Void) throws(EngineError) {
        let gate = enter(id)
        defer { leave(id) }
        guard gate.wait(timeout: .now()) == .success else { return }
        defer { gate.signal() }
        try body()
    }

    /// Copies the rest; whoever follows is sent away, for a client that follows may hang for ever.
    func complete(_ id: JobID, _ body: () throws(EngineError) -> Void) throws(EngineError) {
        let gate = enter(id) { entry in
            for follower in entry.followers { follower.signal() }
        }
        defer { leave(id) }
        gate.wait()
        defer { gate.signal() }
        try body()
    }

    private static func isSignalled(_ wakeup: Wakeup) -> Bool {
        (try? Poll.readable([wakeup.descriptor.number], until: .now)) == [true]
    }

    private func enter(_ id: JobID, _ change: (inout Entry) -> Void = { _ in }) -> DispatchSemaphore {
        entries.withLock { entries in
            var entry = entries[id] ?? Entry()
            entry.users += 1
            change(&entry)
            entries[id] = entry
            return entry.gate
        }
    }

    private func leave(_ id: JobID, _ change: (inout Entry) -> Void = { _ in }) {
        entries.withLock { entries in
            guard var entry = entries[id] else { return }
            entry.users -= 1
            change(&entry)
            entries[id] = entry.users > 0 ? entry : nil
        }
    }
}
