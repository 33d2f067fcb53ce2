import Glibc

/// Connections that were answered without being read. Each one is kept for a moment, so that its client gets to read
/// the answer before it notices that nobody takes its request (RFC 9112, section 9.6).
///
/// Used by the accept loop alone. Closes what it holds when it goes.
final class RefusedConnections {
    private struct Entry {
        let descriptor: Int32
        let deadline: Deadline
    }

    /// How many are kept at most; beyond that the oldest is closed.
    static let capacity = 32
    private let time: Duration
    private var entries: [Entry] = []
    /// The answers to the last kinds of errors, so that a refusal costs no more than its client's connection.
    private var answers: [(error: HTTPError, response: HTTPResponse)] = []

    /// - Parameter time: how long each one is kept at most.
    init(time: Duration) {
        self.time = time
    }

    deinit {
        for entry in entries {
            close(entry.descriptor)
        }
    }

    /// As ``refuse(_:with:)``, with the service's answer to an error.
    func refuse(_ descriptor: Int32, with error: HTTPError, _ service: HTTPService) {
        if let known = answers.first(where: { $0.error == error }) {
            return refuse(descriptor, with: known.response)
        }
        let response = service.errorResponse(error)
        answers = answers.suffix(7) + [(error, response)]
        refuse(descriptor, with: response)
    }

    /// Answers a connection without waiting, and takes it over.
    func refuse(_ descriptor: Int32, with response: HTTPResponse) {
        response.encoded(keepAlive: false).withUnsafeBufferPointer { bytes in
            var outgoing = OutgoingBytes([UnsafeRawBufferPointer(bytes)])
            // Nothing has been written to the socket, so it takes all of a short answer; a longer one is cut.
            _ = try? outgoing.sendSome(to: descriptor)
        }
        shutdown(descriptor, Int32(SHUT_WR))
        if entries.count == Self.capacity {
            close(entries.removeFirst().descriptor)
        }
        entries.append(Entry(descriptor: descriptor, deadline: Deadline(after: time)))
    }

    /// What to wait for.
    var pollEntries: [pollfd] {
        entries.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    }

    /// When `collect()` is due at the latest, as `poll` wants it.
    var pollTimeout: Int32 {
        // Each is kept for the same time, so the oldest is the first to go.
        entries.first?.deadline.pollTimeout ?? -1
    }

    /// Drops what the clients have sent, and closes those that have gone, and those whose time is over.
    func collect() {
        guard !entries.isEmpty else {
            return
        }
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { scratch in
            entries.removeAll { entry in
                let count = recv(entry.descriptor, scratch.baseAddress, scratch.count, Int32(MSG_DONTWAIT))
                let isOpen = count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
                guard !isOpen || entry.deadline.hasPassed else {
                    return false
                }
                close(entry.descriptor)
                return true
            }
        }
    }
}
