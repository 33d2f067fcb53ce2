import Glibc

/// A request and the way to answer it. Belongs to its handler, on its handler's thread, until that returns.
package final class HTTPExchange {
    package let request: HTTPRequest
    /// What `HTTPAdmission.accepted` said of the connection.
    package let peer: UInt64

    private enum State {
        case unanswered
        case answered
        case streaming(HTTPBodyWriter)
    }

    private let socket: StreamSocket
    private let service: HTTPService
    private let registry: ConnectionRegistry
    private var state = State.unanswered
    private var keepsAlive = false

    init(
        request: HTTPRequest, socket: StreamSocket, peer: UInt64, service: HTTPService, registry: ConnectionRegistry
    ) {
        self.request = request
        self.socket = socket
        self.peer = peer
        self.service = service
        self.registry = registry
    }

    /// The client's connection, for its credentials. Not to be read, written or closed.
    package var descriptor: Int32 {
        socket.descriptor
    }

    /// Whether the server is stopping: a long exchange should come to its end.
    package var isStopping: Bool {
        registry.isStopping
    }

    /// Whether the client has closed the connection, or its half of it.
    package var isClientGone: Bool {
        // Once the server is stopping its own shutdown looks like the client's half.
        var events = (try? socket.wait(for: StreamSocket.hangUp, until: .now)) ?? POLLHUP
        if isStopping {
            events &= ~StreamSocket.hangUp
        }
        return events != 0
    }

    /// Whether the client has closed the whole connection, so that it cannot be answered.
    package var isConnectionClosed: Bool {
        let events = (try? socket.wait(for: StreamSocket.hangUp, until: .now)) ?? POLLHUP
        return events & (POLLHUP | POLLERR) != 0
    }

    /// What ended a wait.
    package enum Event: Sendable, Equatable {
        /// The descriptor has something to read, or its other end is closed.
        case readable
        case clientGone
        /// The server is stopping.
        case stopping
        case timedOut
    }

    /// Waits until a descriptor becomes readable, or the client goes, or the server stops, whichever is first.
    ///
    /// - Parameters:
    ///   - descriptor: nil waits for the client and the server alone.
    ///   - timeout: nil waits without a bound.
    package func wait(for descriptor: Int32? = nil, timeout: Duration? = nil) -> Event {
        do {
            let deadline = Deadline(after: timeout)
            let events = try socket.wait(for: StreamSocket.hangUp, until: deadline, interrupt: descriptor)
            if isStopping {
                return .stopping
            }
            return events == 0 ? .timedOut : .clientGone
        } catch {
            return error == .interrupted ? .readable : .clientGone
        }
    }

    /// Answers. A second answer is ignored.
    ///
    /// - Returns: whether the whole answer was handed to the kernel; a client that has gone or does not read makes it
    ///   false, and loses its connection.
    @discardableResult
    package func respond(_ response: HTTPResponse) -> Bool {
        guard case .unanswered = state else {
            return false
        }
        state = .answered
        keepsAlive = mayKeepAlive(response.headers)
        do {
            let bytes = response.encoded(keepAlive: keepsAlive, withBody: false)
            let hasBody = request.method != "HEAD" && !response.status.forbidsBody
            try socket.send(bytes, hasBody ? response.body : [], stallTime: service.limits.writeTime)
            return true
        } catch {
            keepsAlive = false
            return false
        }
    }

    /// Starts an answer whose body is made as it goes; the head is sent at once. The answer is complete only after
    /// `HTTPBodyWriter.finish`: if the handler returns before, the client sees that the answer is cut.
    ///
    /// - Throws: `HTTPError.alreadyAnswered`; `.closed`, `.writeTimedOut`, `.systemCall` when the client is lost.
    package func startStreaming(
        _ status: HTTPStatus = .ok, headers: HTTPHeaders = [:]
    ) throws(HTTPError) -> HTTPBodyWriter {
        guard case .unanswered = state else {
            throw .alreadyAnswered
        }
        // HTTP/1.0 knows no chunks (RFC 9112, section 7.1).
        let framing = request.isVersion10 ? HTTPResponse.Framing.untilClose : .chunked
        keepsAlive = mayKeepAlive(headers) && framing == .chunked
        let writer = HTTPBodyWriter(
            socket: socket, isChunked: framing == .chunked, omitsBody: request.method == "HEAD" || status.forbidsBody,
            stallTime: service.limits.writeTime)
        state = .streaming(writer)
        try writer.sendHead(
            HTTPResponse.encodedHead(status, headers, framing: framing, keepAlive: keepsAlive))
        return writer
    }

    private func mayKeepAlive(_ headers: HTTPHeaders) -> Bool {
        request.wantsKeepAlive && !isStopping && !headers.listMembers("Connection").contains("close")
    }

    /// The handler has returned.
    ///
    /// - Returns: whether another request may follow on the connection.
    func conclude() -> Bool {
        switch state {
        case .unanswered:
            respond(service.errorResponse(.unanswered))
            return keepsAlive
        case .answered:
            return keepsAlive
        case .streaming(let writer):
            return keepsAlive && writer.isFinished
        }
    }
}
