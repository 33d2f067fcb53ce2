import CPhjobLinux
import Glibc

/// Signals as something to read (signalfd(2)), so that they are handled on an ordinary thread.
package final class Signals: Sendable {
    package let descriptor: Descriptor

    /// Blocks `signals` in this thread, and so in those that it will start, and collects them here.
    ///
    /// Call it on the first thread before any other is started.
    package init(_ signals: [Int32]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let flags = Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK)
        descriptor = Descriptor(owning: try retrying("cannot watch for signals") { signalfd(-1, &set, flags) })
    }

    /// The next signal that has arrived; nil if there is none.
    package func next() -> Int32? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor.number, &information, size) == size else { return nil }
        return Int32(information.ssi_signo)
    }
}
