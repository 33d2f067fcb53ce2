import Glibc

/// Waits for descriptors to become readable (poll(2)).
package enum Poll {
    /// Waits until one of `descriptors` is readable or hung up, or until `deadline`.
    ///
    /// - Returns: for each descriptor whether something happened at it; all false at the deadline.
    package static func readable(_ descriptors: [Int32], until deadline: Monotonic? = nil) throws(SystemError) -> [Bool]
    {
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            let timeout = deadline?.millisecondsFromNow ?? -1
            let count = poll(&entries, nfds_t(entries.count), timeout)
            if count > 0 { return entries.map { $0.revents != 0 } }
            if count < 0, errno != EINTR { throw SystemError("cannot wait for events") }
            if let deadline, deadline <= .now { return entries.map { _ in false } }
        }
    }
}
