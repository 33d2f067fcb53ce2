import Glibc

/// A connected stream socket, used without ever blocking in anything but `poll`. Does not own its descriptor.
struct StreamSocket: Sendable {
    let descriptor: Int32

    /// `POLLRDHUP` of poll(2): the other side has closed the connection, or its half of it. Glibc shows it only with
    /// `_GNU_SOURCE`, which Swift's module of it does not define; the value is the same on every Linux.
    static let hangUp: Int32 = 0x2000

    /// Waits until one of the events, an error or a hang-up happens on the descriptor.
    ///
    /// - Parameter interrupt: a descriptor whose becoming readable ends the wait.
    /// - Returns: the events; 0 when the deadline has passed.
    /// - Throws: `HTTPError.interrupted`, `.systemCall`.
    func wait(for events: Int32, until deadline: Deadline, interrupt: Int32? = nil) throws(HTTPError) -> Int32 {
        // poll(2) ignores an entry with a negative descriptor.
        var entries = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: interrupt ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = poll(&entries, nfds_t(entries.count), deadline.pollTimeout)
            if count < 0 && errno != EINTR {
                throw .systemCall("poll", errno: errno)
            }
            if count > 0 {
                guard entries[1].revents == 0 else {
                    throw .interrupted
                }
                return Int32(entries[0].revents)
            }
            if deadline.hasPassed {
                return 0
            }
        }
    }

    /// Sends everything.
    ///
    /// - Parameter stallTime: how long the other side may take nothing.
    /// - Throws: `HTTPError.writeTimedOut`, `.closed`, `.systemCall`.
    func send(_ pieces: [UnsafeRawBufferPointer], stallTime: Duration) throws(HTTPError) {
        var outgoing = OutgoingBytes(pieces)
        while !outgoing.isEmpty {
            guard try !outgoing.sendSome(to: descriptor) else {
                continue
            }
            guard try wait(for: POLLOUT, until: Deadline(after: stallTime)) != 0 else {
                throw .writeTimedOut
            }
        }
    }

    /// As `send(_:stallTime:)`, from arrays.
    func send(_ head: [UInt8], _ body: [UInt8] = [], stallTime: Duration) throws(HTTPError) {
        try head.withUnsafeBufferPointer { (head) throws(HTTPError) in
            try body.withUnsafeBufferPointer { (body) throws(HTTPError) in
                try send([UnsafeRawBufferPointer(head), UnsafeRawBufferPointer(body)], stallTime: stallTime)
            }
        }
    }

    /// What one attempt to receive came to.
    enum Received: Equatable {
        /// So many bytes, at least one.
        case bytes(Int)
        /// Nothing more will come.
        case end
        case timedOut
    }

    /// Waits for bytes and takes what is there.
    ///
    /// - Throws: `HTTPError.interrupted`, `.systemCall`.
    func receive(
        into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline, interrupt: Int32? = nil
    ) throws(HTTPError) -> Received {
        while true {
            guard try wait(for: POLLIN, until: deadline, interrupt: interrupt) != 0 else {
                return .timedOut
            }
            let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                return .bytes(count)
            }
            if count == 0 {
                return .end
            }
            switch errno {
            case EAGAIN, EINTR: continue
            // The other side has closed without reading all that was sent to it.
            case ECONNRESET: return .end
            default: throw .systemCall("recv", errno: errno)
            }
        }
    }
}
