import CPhjobLinux
import Glibc

/// A descriptor that one thread makes readable to wake another that polls it (eventfd(2)).
package final class Wakeup: Sendable {
    package let descriptor: Descriptor

    package init() throws(SystemError) {
        let flags = Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)
        descriptor = Descriptor(owning: try retrying("cannot make an event descriptor") { eventfd(0, flags) })
    }

    /// Makes the descriptor readable until the next ``drain()``.
    package func signal() {
        var one: UInt64 = 1
        _ = write(descriptor.number, &one, 8)
    }

    /// Makes the descriptor unreadable again.
    ///
    /// - Returns: how often it was signalled.
    @discardableResult
    package func drain() -> UInt64 {
        var count: UInt64 = 0
        return read(descriptor.number, &count, 8) == 8 ? count : 0
    }
}
