import CPhjobLinux
import Glibc
import Synchronization

/// Signals as something to read, so that they are handled on an ordinary thread.
///
/// They are caught and passed on through a pipe (signal-safety(7)), and not blocked for signalfd(2): blocked signals
/// stay blocked in every program that is started, where nothing could be stopped by them any more.
package final class Signals: Sendable {
    package let descriptor: Descriptor
    private let writeEnd: Descriptor
    private let signals: [Int32]

    /// Where the handler writes. One for the process, as handlers are.
    private static let target = Atomic<Int32>(-1)

    /// Collects `signals` of this process, as long as this object lives. One at a time can.
    package init(_ signals: [Int32]) throws(SystemError) {
        self.signals = signals
        var ends: [Int32] = [-1, -1]
        try retrying("cannot watch for signals") { phjob_pipe_cloexec(&ends) }
        descriptor = Descriptor(owning: ends[0])
        writeEnd = Descriptor(owning: ends[1])
        for end in ends { try retrying("cannot watch for signals") { fcntl(end, F_SETFL, O_NONBLOCK) } }
        Signals.target.store(writeEnd.number, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            let before = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(Signals.target.load(ordering: .relaxed), &byte, 1)
            errno = before
        }
        action.sa_flags = Int32(SA_RESTART)
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        for signal in signals {
            sigaction(signal, &action, nil)
            sigaddset(&unblocked, signal)
        }
        pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
    }

    deinit {
        for number in signals { signal(number, SIG_DFL) }
        Signals.target.store(-1, ordering: .sequentiallyConsistent)
    }

    /// The next signal that has arrived; nil if there is none.
    package func next() -> Int32? {
        var byte: UInt8 = 0
        guard read(descriptor.number, &byte, 1) == 1 else { return nil }
        return Int32(byte)
    }
}
