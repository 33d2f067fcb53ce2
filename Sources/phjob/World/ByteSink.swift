import Glibc
import PhjobAPI
import PhjobSystem

/// Where output goes.
protocol ByteSink: Sendable {
    /// Writes all of `bytes`.
    ///
    /// - Parameter interrupt: when it becomes readable, the writing is given up.
    /// - Throws: `SystemError`, or `APIClient.Interrupted`.
    func write(_ bytes: UnsafeRawBufferPointer, interrupt: Int32?) throws
}

/// A descriptor of this process; it may block or not, be slow or not: every byte is written.
struct DescriptorSink: ByteSink {
    let descriptor: Int32

    /// Room for this much is what poll(2) promises of a pipe (pipe(7), `PIPE_BUF`), so that a write of it never blocks.
    private static let atomicSize = 4096

    func write(_ bytes: UnsafeRawBufferPointer, interrupt: Int32?) throws {
        var rest = bytes
        while !rest.isEmpty {
            var size = rest.count
            if let interrupt {
                try waitForRoom(interrupt)
                size = min(size, Self.atomicSize)
            }
            let count = Glibc.write(descriptor, rest.baseAddress, size)
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if errno == EAGAIN {
                try waitForRoom(nil)
            } else if errno != EINTR {
                throw SystemError("cannot write the output")
            }
        }
    }

    private func waitForRoom(_ interrupt: Int32?) throws {
        var entries = [pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)]
        if let interrupt { entries.append(pollfd(fd: interrupt, events: Int16(POLLIN), revents: 0)) }
        while poll(&entries, nfds_t(entries.count), -1) < 0 {
            if errno != EINTR { throw SystemError("cannot wait for the output") }
        }
        if entries.dropFirst().contains(where: { $0.revents != 0 }) { throw APIClient.Interrupted() }
    }
}
