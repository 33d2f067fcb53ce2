import Glibc
import Synchronization

/// The one inotify(7) instance of a process, and who is told of which change.
final class FileChanges: Sendable {
    /// Made when it is first needed; an error is not for ever.
    static let shared = Once()

    final class Once: Sendable {
        private let made = Mutex<FileChanges?>(nil)

        func get() throws(SystemError) -> FileChanges {
            try made.withLock { (made) throws(SystemError) in
                if let made { return made }
                let new = try FileChanges()
                made = new
                return new
            }
        }
    }

    private struct State {
        /// Who waits for what a watch sees, by the kernel's number of the watch, which it does not use twice.
        var waiting: [Int32: [ObjectIdentifier: Wakeup]] = [:]
        /// The watches of each who waits.
        var watches: [ObjectIdentifier: Set<Int32>] = [:]
    }

    private let descriptor: Descriptor
    private let state = Mutex(State())

    private init() throws(SystemError) {
        descriptor = Descriptor(owning: try retrying("cannot watch files") { inotify_init1(Int32(IN_CLOEXEC)) })
        WorkerThread.start("file-changes") { [self] in
            while true { tellOfChanges() }
        }
    }

    /// Lets somebody know of changes of a file or directory from now on, beside what they know of already.
    func watch(_ path: String, _ mask: UInt32, for wakeup: Wakeup) throws(SystemError) {
        // Others may watch the same for something else: without IN_MASK_ADD theirs would be replaced.
        let mask = mask | UInt32(IN_MASK_ADD)
        let id = ObjectIdentifier(wakeup)
        // Under the lock, so that no change is read before it is known for whom.
        try state.withLock { (state) throws(SystemError) in
            let watch = try retrying("cannot watch \(path)") { inotify_add_watch(descriptor.number, path, mask) }
            state.waiting[watch, default: [:]][id] = wakeup
            state.watches[id, default: []].insert(watch)
        }
    }

    /// Nobody waits by this any more.
    func forget(_ wakeup: Wakeup) {
        let id = ObjectIdentifier(wakeup)
        state.withLock { state in
            for watch in state.watches.removeValue(forKey: id) ?? [] {
                state.waiting[watch]?[id] = nil
                guard state.waiting[watch]?.isEmpty == true else { continue }
                state.waiting[watch] = nil
                inotify_rm_watch(descriptor.number, watch)
            }
        }
    }

    /// Blocks until something changes.
    private func tellOfChanges() {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
            let count = read(descriptor.number, buffer.baseAddress, buffer.count)
            guard count > 0 else {
                // EINTR; nothing else can happen to it.
                return
            }
            var seen: [Int32: UInt32] = [:]
            var start = 0
            let headSize = MemoryLayout<inotify_event>.size
            while start + headSize <= count {
                let event = buffer.loadUnaligned(fromByteOffset: start, as: inotify_event.self)
                seen[event.wd, default: 0] |= event.mask
                start += headSize + Int(event.len)
            }
            tell(seen)
        }
    }

    private func tell(_ seen: [Int32: UInt32]) {
        state.withLock { state in
            // The kernel's queue was full, and what it dropped is not known.
            let isAny = seen.values.contains { $0 & UInt32(IN_Q_OVERFLOW) != 0 }
            for watch in isAny ? Array(state.waiting.keys) : Array(seen.keys) {
                for wakeup in (state.waiting[watch] ?? [:]).values { wakeup.signal() }
            }
            // The kernel has ended the watch: what it saw is gone.
            for (watch, mask) in seen where mask & UInt32(IN_IGNORED) != 0 {
                for id in state.waiting.removeValue(forKey: watch)?.keys.map(\.self) ?? [] {
                    state.watches[id]?.remove(watch)
                }
            }
        }
    }
}
