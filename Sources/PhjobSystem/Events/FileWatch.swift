import Glibc

/// Makes a descriptor readable when a file or a directory changes (inotify(7)).
///
/// All of a process share one inotify instance: a user may have 128 of them in all programs together
/// (`fs.inotify.max_user_instances`), and more clients than that may follow logs at once.
package final class FileWatch: Sendable {
    package var descriptor: Descriptor { wakeup.descriptor }

    private let wakeup: Wakeup
    private let source: FileChanges

    package init() throws(SystemError) {
        wakeup = try Wakeup()
        source = try FileChanges.shared.get()
    }

    deinit {
        source.forget(wakeup)
    }

    /// What to be told of.
    package enum Change: Sendable {
        /// A file got longer, shorter, or was closed by a writer.
        case content
        /// Files came, went or were renamed in a directory, or were closed by a writer.
        case entries
        /// Files came, went or were renamed in a directory, or it went itself.
        case presence
    }

    /// Adds a file or directory to what is watched.
    package func add(_ path: String, _ change: Change) throws(SystemError) {
        let mask =
            switch change {
            case .content: UInt32(IN_MODIFY) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_ATTRIB)
            case .entries:
                UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE)
                    | UInt32(IN_CLOSE_WRITE)
            case .presence:
                UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE)
                    | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)
            }
        try source.watch(path, mask, for: wakeup)
    }

    /// Forgets the changes seen so far.
    package func drain() {
        wakeup.drain()
    }
}
