import PhjobCore
import PhjobStore
import PhjobSystem
import Synchronization

/// Counts the log files that an engine replaces at their bound, for every running job whose engine writes our file itself.
///
/// Without it nothing would tell how much of a log is missing between its first file and its newest, or whether anything is.
final class LogRotations: Sendable {
    private struct Log {
        let registration: RenameWatch.Registration
        var generations: LogGenerations
    }

    private let store: JobStore
    private let logs = Mutex<[JobID: Log]>([:])

    init(store: JobStore) {
        self.store = store
    }

    /// Begins to count; before the container is launched, and again by the next runner. Where that cannot be done, readers are
    /// told that it is not known how much is missing.
    ///
    /// - Parameter bound: bytes at which the engine begins a new file.
    func begin(_ id: JobID, bound: Int64) {
        let layout = store.layout.job(id)
        logs.withLock { logs in
            guard logs[id] == nil, let renames = try? RenameWatch.shared(),
                let registration = try? renames.add(layout.root, { [weak self] in self?.count($0, of: id) })
            else { return }
            logs[id] = Log(registration: registration, generations: LogGenerations(layout, bound: bound))
        }
    }

    /// Counts what there still is to count; nothing is printed any more.
    func end(_ id: JobID) {
        guard logs.withLock({ $0[id] != nil }), let renames = try? RenameWatch.shared() else { return }
        // Outside the lock, which the handlers of events take.
        renames.flush()
        if let log = logs.withLock({ $0.removeValue(forKey: id) }) { renames.remove(log.registration) }
    }

    private func count(_ event: RenameWatch.Event, of id: JobID) {
        guard event.name == JobLayout.logName else { return }
        logs.withLock { logs in
            guard logs[id] != nil else { return }
            if event.isRename {
                logs[id]?.generations.replaced()
            } else {
                // Now, and not only when the engine's client has returned: by then there may be another file.
                store.keepLogHead(of: id)
                logs[id]?.generations.began()
            }
        }
    }
}
