import Glibc

/// One client's connection on the server's side: reads requests one after another, and has each of them answered.
final class HTTPConnection {
    private let id: Int
    private let peer: UInt64
    private let socket: StreamSocket
    private let service: HTTPService
    private let registry: ConnectionRegistry
    private let received = ReceiveBuffer(capacity: 64 * 1024)

    private var limits: HTTPLimits {
        service.limits
    }

    init(descriptor: Int32, id: Int, peer: UInt64, service: HTTPService, registry: ConnectionRegistry) {
        self.socket = StreamSocket(descriptor: descriptor)
        self.id = id
        self.peer = peer
        self.service = service
        self.registry = registry
    }

    /// Serves the connection to its end, and closes it.
    func run() {
        while serveRequest() {}
        registry.close(id)
    }

    /// Answers without reading a request, and closes the connection.
    func refuse(with response: HTTPResponse) {
        end(with: response, drainTime: limits.refusalTime)
        registry.close(id)
    }

    /// - Returns: whether another request may follow.
    private func serveRequest() -> Bool {
        do {
            guard let request = try nextRequest() else {
                return false
            }
            registry.enterAnswering(id)
            let exchange = HTTPExchange(
                request: request, socket: socket, peer: peer, service: service, registry: registry)
            service.handler(exchange)
            return exchange.conclude() && registry.enter(.idle, id)
        } catch {
            refuse(error)
            return false
        }
    }

    /// Waits for a request and reads all of it.
    ///
    /// - Returns: nil when there is none, and nobody to be told why.
    /// - Throws: what the request did wrong, or `HTTPError.closed`, `.systemCall`.
    private func nextRequest() throws(HTTPError) -> HTTPRequest? {
        var parser = HTTPRequestParser(limits: limits)
        var deadline = Deadline(after: limits.idleTime)
        while true {
            let before = parser.stage
            received.take(try parser.feed(received.pending))
            if before == .waiting && parser.stage != .waiting {
                guard registry.enter(.reading, id) else {
                    return nil
                }
                deadline = Deadline(after: limits.headTime)
            }
            if let request = parser.takeRequest() {
                return request
            }
            if before != .body && parser.stage == .body {
                deadline = Deadline(after: limits.bodyTime)
            }
            if parser.awaitsContinue {
                try socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), stallTime: limits.writeTime)
                parser.continueSent()
            }
            switch try received.fill(from: socket, until: deadline) {
            case .bytes: continue
            case .end where parser.stage == .waiting, .timedOut where parser.stage == .waiting: return nil
            case .end: throw .malformed(.incomplete)
            case .timedOut where parser.stage == .head: throw .headTimedOut(limits.headTime)
            case .timedOut: throw .bodyTimedOut(limits.bodyTime)
            }
        }
    }

    /// Tells the client what it did wrong, and reads on for a bounded while so that it gets to read that.
    private func refuse(_ error: HTTPError) {
        guard error.status != nil else {
            return
        }
        end(with: service.errorResponse(error), drainTime: limits.drainTime)
    }

    private func end(with response: HTTPResponse, drainTime: Duration) {
        let answer = response.encoded(keepAlive: false)
        guard (try? socket.send(answer, stallTime: limits.writeTime)) != nil else {
            return
        }
        shutdown(socket.descriptor, Int32(SHUT_WR))
        let deadline = Deadline(after: drainTime)
        var left = limits.drainBytes
        while left > 0, case .bytes(let count) = try? received.fill(from: socket, until: deadline) {
            left -= count
        }
    }
}
