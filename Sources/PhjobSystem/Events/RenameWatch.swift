import Glibc

/// Sees each file that is made in, or renamed into, some directories (inotify(7)); none is missed, and each is seen once.
///
/// The kernel merges equal events that follow each other, but not renames, as each has a number of its own.
package final class RenameWatch: Sendable {
    /// One entry of a directory that was made or replaced.
    package struct Event: Sendable, Equatable {
        /// What ``add(_:)`` returned for the directory.
        package let watch: Int32
        package let name: String
        package let isRename: Bool
    }

    /// Readable when ``read()`` has something to return.
    package let descriptor: Descriptor

    package init() throws(SystemError) {
        let flags = Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)
        descriptor = Descriptor(owning: try retrying("cannot watch files") { inotify_init1(flags) })
    }

    /// Adds a directory.
    ///
    /// - Returns: a number for it that is not used twice.
    package func add(_ directory: String) throws(SystemError) -> Int32 {
        let mask = UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_ONLYDIR)
        return try retrying("cannot watch \(directory)") { inotify_add_watch(descriptor.number, directory, mask) }
    }

    package func remove(_ watch: Int32) {
        inotify_rm_watch(descriptor.number, watch)
    }

    /// What has happened since the last call, in its order; what the kernel dropped, as its queue was full, is not in it.
    package func read() -> [Event] {
        var result: [Event] = []
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
            while true {
                let count = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
                if count <= 0 { return }
                let headSize = MemoryLayout<inotify_event>.size
                var start = 0
                while start + headSize <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: start, as: inotify_event.self)
                    // The name is padded with zero bytes.
                    let name = buffer[(start + headSize)..<(start + headSize + Int(event.len))].prefix { $0 != 0 }
                    result.append(
                        Event(
                            watch: event.wd, name: String(decoding: name, as: UTF8.self),
                            isRename: event.mask & UInt32(IN_MOVED_TO) != 0))
                    start += headSize + Int(event.len)
                }
            }
        }
        return result
    }
}
