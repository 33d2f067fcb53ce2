import Glibc
import Synchronization

/// Sees each file that is made in, or renamed into, some directories (inotify(7)); none is missed, and each is seen once.
///
/// The kernel merges equal events that follow each other, but not renames, as each has a number of its own. ``FileWatch`` wakes
/// its caller once for many changes and shares its instance with other masks, so this is a second instance of the process.
package final class RenameWatch: Sendable {
    /// One entry of a directory that was made or replaced.
    package struct Event: Sendable, Equatable {
        package let name: String
        package let isRename: Bool
    }

    package typealias Handler = @Sendable (Event) -> Void

    /// A directory and its handler.
    package struct Registration: Sendable {
        fileprivate let watch: Int32
        fileprivate let number: Int
    }

    private struct State {
        var handlers: [Int32: [Int: Handler]] = [:]
        var count = 0
    }

    private let descriptor: Descriptor
    private let state = Mutex(State())
    /// Held while events are read and handled: they are handled in their order, and ``flush()`` returns after the last of them.
    private let delivery = Mutex(())

    private static let made = Mutex<RenameWatch?>(nil)

    /// The only one of the process.
    package static func shared() throws(SystemError) -> RenameWatch {
        try made.withLock { (made) throws(SystemError) in
            if let made { return made }
            let new = try RenameWatch()
            made = new
            WorkerThread.start("renames") {
                while (try? Poll.readable([new.descriptor.number])) != nil { new.flush() }
            }
            return new
        }
    }

    private init() throws(SystemError) {
        let flags = Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)
        descriptor = Descriptor(owning: try retrying("cannot watch files") { inotify_init1(flags) })
    }

    /// Adds a directory. `handler` is called on a thread of this class, or by ``flush()``.
    package func add(_ directory: String, _ handler: @escaping Handler) throws(SystemError) -> Registration {
        let mask = UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_ONLYDIR)
        // Under the lock, so that no event is read before its handler is known.
        return try state.withLock { (state) throws(SystemError) in
            let watch = try retrying("cannot watch \(directory)") {
                inotify_add_watch(descriptor.number, directory, mask)
            }
            state.count += 1
            state.handlers[watch, default: [:]][state.count] = handler
            return Registration(watch: watch, number: state.count)
        }
    }

    /// Ends a registration. Its handler may be at work for a moment longer.
    package func remove(_ registration: Registration) {
        state.withLock { state in
            guard state.handlers[registration.watch]?.removeValue(forKey: registration.number) != nil,
                state.handlers[registration.watch]?.isEmpty == true
            else { return }
            state.handlers[registration.watch] = nil
            inotify_rm_watch(descriptor.number, registration.watch)
        }
    }

    /// Handles what has happened so far, in its order; what the kernel dropped, as its queue was full, is not in it.
    package func flush() {
        delivery.withLock { _ in
            withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
                while true {
                    let count = read(descriptor.number, buffer.baseAddress, buffer.count)
                    if count <= 0 { return }
                    deliver(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            }
        }
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer) {
        let headSize = MemoryLayout<inotify_event>.size
        var start = 0
        while start + headSize <= bytes.count {
            let head = bytes.loadUnaligned(fromByteOffset: start, as: inotify_event.self)
            // The name is padded with zero bytes.
            let name = bytes[(start + headSize)..<(start + headSize + Int(head.len))].prefix { $0 != 0 }
            start += headSize + Int(head.len)
            if head.mask & UInt32(IN_IGNORED) != 0 { state.withLock { $0.handlers[head.wd] = nil } }
            guard head.mask & (UInt32(IN_CREATE) | UInt32(IN_MOVED_TO)) != 0 else { continue }
            let event = Event(
                name: String(decoding: name, as: UTF8.self), isRename: head.mask & UInt32(IN_MOVED_TO) != 0)
            for handler in state.withLock({ Array(($0.handlers[head.wd] ?? [:]).values) }) { handler(event) }
        }
    }
}
