import PhjobCore
import PhjobStore
import PhjobSystem
import Synchronization

/// Counts the log files that an engine replaces at their bound, for every running job whose engine writes our file itself.
///
/// Without it nothing would tell how much of a log is missing between its first file and its newest, or whether anything is.
final class LogRotations: Sendable {
    private struct State {
        var renames: RenameWatch?
        var logs: [Int32: (id: JobID, generations: LogGenerations)] = [:]
        var watches: [JobID: Int32] = [:]
    }

    private let store: JobStore
    private let state = Mutex(State())
    private let stop: Wakeup?

    init(store: JobStore) {
        self.store = store
        stop = try? Wakeup()
    }

    deinit {
        stop?.signal()
    }

    /// Begins to count; before the container is launched, and again by the next runner. Where that cannot be done, readers are
    /// told that it is not known how much is missing.
    ///
    /// - Parameter bound: bytes at which the engine begins a new file.
    func begin(_ id: JobID, bound: Int64) {
        let layout = store.layout.job(id)
        state.withLock { state in
            guard state.watches[id] == nil, let renames = renames(in: &state),
                let watch = try? renames.add(layout.root)
            else { return }
            state.watches[id] = watch
            state.logs[watch] = (id, LogGenerations(layout, bound: bound))
        }
    }

    /// Counts what there still is to count; nothing is printed any more.
    func end(_ id: JobID) {
        state.withLock { state in
            guard let watch = state.watches.removeValue(forKey: id) else { return }
            count(in: &state)
            state.renames?.remove(watch)
            state.logs[watch] = nil
        }
    }

    private func renames(in state: inout State) -> RenameWatch? {
        if let renames = state.renames { return renames }
        guard let stop, let renames = try? RenameWatch() else { return nil }
        state.renames = renames
        WorkerThread.start("log-rotations") { [weak self] in
            let watched = [renames.descriptor.number, stop.descriptor.number]
            while let ready = try? Poll.readable(watched), !ready[1], let self { self.count() }
        }
        return renames
    }

    private func count() { state.withLock { count(in: &$0) } }

    private func count(in state: inout State) {
        for event in state.renames?.read() ?? [] where event.name == JobLayout.logName {
            guard let id = state.logs[event.watch]?.id else { continue }
            if event.isRename {
                state.logs[event.watch]?.generations.replaced()
            } else {
                // Now, and not only when the engine's client has returned: by then there may be another file.
                store.keepLogHead(of: id)
                state.logs[event.watch]?.generations.began()
            }
        }
    }
}
