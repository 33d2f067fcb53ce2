import CPhjobLinux
import Glibc

/// Makes a descriptor readable when a file or a directory changes (inotify(7)).
package final class FileWatch: Sendable {
    package let descriptor: Descriptor

    package init() throws(SystemError) {
        let flags = Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)
        descriptor = Descriptor(owning: try retrying("cannot watch files") { inotify_init1(flags) })
    }

    /// What to be told of.
    package enum Change: Sendable {
        /// A file got longer, shorter, or was closed by a writer.
        case content
        /// Files came, went or were renamed in a directory, or were closed by a writer.
        case entries
    }

    /// Adds a file or directory to what is watched.
    package func add(_ path: String, _ change: Change) throws(SystemError) {
        let mask =
            switch change {
            case .content: UInt32(IN_MODIFY) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_ATTRIB)
            case .entries:
                UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE)
                    | UInt32(IN_CLOSE_WRITE)
            }
        try retrying("cannot watch \(path)") { inotify_add_watch(descriptor.number, path, mask) }
    }

    /// Forgets the changes seen so far.
    package func drain() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while read(descriptor.number, &buffer, buffer.count) > 0 {}
    }
}
