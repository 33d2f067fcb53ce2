import CPhjobLinux
import Glibc

/// Makes a descriptor readable when the kernel changes a file of a control group (cgroup-v2.rst, "Basic Operations").
///
/// Through poll(2), not inotify(7): of that a user has only 128 instances.
package final class ControlFileWatch: Sendable {
    package let descriptor: Descriptor
    private let file: Descriptor

    /// Nil if there is no such file, or none that can be watched.
    package init?(_ path: String) {
        guard let file = try? Descriptor(opening: path, flags: O_RDONLY) else { return nil }
        let epoll = phjob_epoll_create()
        guard epoll >= 0 else { return nil }
        descriptor = Descriptor(owning: epoll)
        self.file = file
        // Such a file can always be read; that it has changed is an exceptional condition.
        guard phjob_epoll_add_exceptional(epoll, file.number) == 0 else { return nil }
    }

    /// The file's content, up to 4 KiB; makes the descriptor unreadable until the next change.
    ///
    /// - Returns: nil if its control group was removed.
    package func read() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = pread(file.number, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// From now on the descriptor is never readable.
    package func end() {
        _ = phjob_epoll_remove(descriptor.number, file.number)
    }
}
