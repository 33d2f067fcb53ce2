import Glibc

/// A connection to a server, for one request after another. Not for use by two threads at a time.
package final class HTTPClient {
    private let limits: HTTPLimits
    private let received = ReceiveBuffer(capacity: 256 * 1024)
    private let interrupt: Int32?
    private var descriptor: Int32
    /// Whether the next request may go over this connection.
    private var isUsable = true
    private var hasUnreadBody = false

    /// - Parameters:
    ///   - descriptor: a connected stream socket, close-on-exec; it is closed by `close()`, or when the last reference
    ///     goes.
    ///   - limits: the bounds of an answer's head (`headBytes`, `fieldCount`), and `writeTime`.
    ///   - interrupt: a descriptor that ends every wait with `HTTPError.interrupted` once it is readable, for example
    ///     the reading end of a pipe that a signal handler writes to. Not read, not closed.
    package init(descriptor: Int32, limits: HTTPLimits = HTTPLimits(), interrupt: Int32? = nil) {
        self.descriptor = descriptor
        self.limits = limits
        self.interrupt = interrupt
    }

    deinit {
        close()
    }

    /// The connection, for its credentials. Not to be read, written or closed.
    package var connection: Int32 { descriptor }

    /// Closes the connection; an answer that is being read ends with `HTTPError.closed`.
    package func close() {
        if descriptor >= 0 {
            Glibc.close(descriptor)
            descriptor = -1
        }
    }

    /// Sends a request and waits for the head of its answer. A server that answers before it has all of the request
    /// is listened to.
    ///
    /// - Parameter timeout: from here to the head of the answer; nil waits without a bound.
    /// - Throws: `HTTPError.closed` when the connection ended without an answer (the request may have been taken),
    ///   `.timedOut`, `.writeTimedOut`, `.interrupted`, `.bodyUnread` when the answer before has not been read to its
    ///   end, `.malformed` and `.headTooLarge` for an answer that is not HTTP/1, `.systemCall`.
    package func send(_ request: HTTPRequest, timeout: Duration? = nil) throws(HTTPError) -> HTTPClientResponse {
        guard !hasUnreadBody else {
            throw .bodyUnread
        }
        guard isUsable && descriptor >= 0 else {
            throw .closed
        }
        // Until the answer has been understood.
        isUsable = false
        let deadline = Deadline(after: timeout)
        let isSent = try transmit(request, until: deadline)
        let head = try readHead(until: deadline)
        let framing = try BodyFraming.ofResponse(
            head.status, head.headers, head.version, isHead: request.method == "HEAD")
        let body = BodyDecoder(framing, limits: limits)
        isUsable = isSent && head.keepsAlive && framing != .untilClose
        hasUnreadBody = !body.isComplete
        return HTTPClientResponse(head: head, body: body, client: self)
    }

    /// - Returns: whether all of it was sent; false when the server has answered or closed before.
    private func transmit(_ request: HTTPRequest, until deadline: Deadline) throws(HTTPError) -> Bool {
        try request.encodedHead().withUnsafeBufferPointer { (head) throws(HTTPError) in
            try request.body.withUnsafeBufferPointer { (body) throws(HTTPError) in
                var outgoing = OutgoingBytes([UnsafeRawBufferPointer(head), UnsafeRawBufferPointer(body)])
                return try transmit(&outgoing, until: deadline)
            }
        }
    }

    private func transmit(_ outgoing: inout OutgoingBytes, until deadline: Deadline) throws(HTTPError) -> Bool {
        let socket = StreamSocket(descriptor: descriptor)
        while !outgoing.isEmpty {
            do throws(HTTPError) {
                guard try !outgoing.sendSome(to: descriptor) else {
                    continue
                }
            } catch .closed {
                // There may be an answer that says why.
                return false
            }
            let stall = Deadline(after: limits.writeTime)
            let events = try socket.wait(
                for: POLLOUT | POLLIN, until: Deadline.earlier(deadline, stall), interrupt: interrupt)
            guard events != 0 else {
                throw deadline.hasPassed ? .timedOut : .writeTimedOut
            }
            // An answer before the end of the request, from a server that does not read on.
            if events & POLLIN != 0 && events & POLLOUT == 0 {
                return false
            }
        }
        return true
    }

    /// Reads the head of the final answer; informational ones before it are skipped (RFC 9110, section 15.2).
    private func readHead(until deadline: Deadline) throws(HTTPError) -> ResponseHead {
        while true {
            var collector = HeadCollector(limit: limits.headBytes)
            var isComplete = false
            while !isComplete {
                if received.pending.isEmpty {
                    switch try fill(until: deadline) {
                    case .bytes: break
                    case .end: throw collector.isEmpty ? .closed : .truncated
                    case .timedOut: throw .timedOut
                    }
                }
                let (taken, isEnd) = try collector.feed(received.pending)
                received.take(taken)
                isComplete = isEnd
            }
            let head = try ResponseHead(parsing: collector.bytes, fieldLimit: limits.fieldCount)
            if head.status.code >= 200 {
                return head
            }
        }
    }

    private func fill(until deadline: Deadline) throws(HTTPError) -> StreamSocket.Received {
        guard descriptor >= 0 else {
            throw .closed
        }
        return try received.fill(
            from: StreamSocket(descriptor: descriptor), until: deadline, interrupt: interrupt)
    }

    /// Reads on in the body of the present answer, to the end of its next piece.
    ///
    /// - Parameter piece: set to the bytes of the piece, which are valid until the next call.
    /// - Returns: false when the body is complete.
    /// - Throws: as `HTTPClientResponse.read(into:timeout:)`.
    func readPiece(
        of body: inout BodyDecoder, until deadline: Deadline, into piece: inout UnsafeRawBufferPointer
    ) throws(HTTPError) -> Bool {
        while !body.isComplete {
            if received.pending.isEmpty {
                switch try fill(until: deadline) {
                case .bytes: break
                case .timedOut: throw .timedOut
                case .end:
                    isUsable = false
                    hasUnreadBody = false
                    guard body.mayEnd else {
                        throw .truncated
                    }
                    return false
                }
            }
            let input = received.pending
            let (taken, data) = try body.next(input)
            received.take(taken)
            if !data.isEmpty {
                piece = UnsafeRawBufferPointer(rebasing: input[data])
                return true
            }
        }
        hasUnreadBody = false
        return false
    }
}
