import Dispatch
import PhjobCore
import PhjobEngine
import Synchronization

/// Lets only one thread at a time write a job's log file.
final class LogCopies: Sendable {
    private struct Entry {
        let gate = DispatchSemaphore(value: 1)
        var users = 0
    }

    private let entries = Mutex<[JobID: Entry]>([:])

    func whileHolding(_ id: JobID, _ body: () throws(EngineError) -> Void) throws(EngineError) {
        let gate = entries.withLock { entries in
            entries[id, default: Entry()].users += 1
            return entries[id]?.gate
        }
        gate?.wait()
        defer {
            gate?.signal()
            entries.withLock { entries in
                entries[id]?.users -= 1
                if entries[id]?.users == 0 { entries[id] = nil }
            }
        }
        try body()
    }
}
