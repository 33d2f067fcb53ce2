import Glibc
import Synchronization

/// A server on a listening stream socket: one thread a connection, each of them blocked until something happens.
///
/// With nobody connected it is blocked in `poll` and never wakes up. A slow or broken client costs its own connection,
/// never another one.
package final class HTTPServer: Sendable {
    private let listener: Listener
    private let service: HTTPService
    private let admit: @Sendable (Int32) -> HTTPAdmission
    private let registry: ConnectionRegistry
    /// Of these only the numbers of connections count; the rest is the service's.
    private let connectionLimits: Mutex<HTTPLimits>

    /// - Parameters:
    ///   - listener: a listening stream socket, which `serve()` takes over and closes; its file stays the caller's.
    ///   - admit: asked about each new connection, with its descriptor, in the accept loop: it must not block for long,
    ///     and must not close the descriptor.
    ///   - errorResponse: turns an error that has a `status` into an answer. Its body should stay below 64 KiB.
    ///   - handler: called for each request, on its connection's thread, for as long as the exchange takes.
    /// - Throws: `HTTPError.systemCall` when there is no descriptor left.
    package init(
        listener: Int32, limits: HTTPLimits = HTTPLimits(),
        admit: @escaping @Sendable (Int32) -> HTTPAdmission = { _ in .accepted(peer: 0) },
        errorResponse: @escaping @Sendable (HTTPError) -> HTTPResponse,
        handler: @escaping @Sendable (HTTPExchange) -> Void
    ) throws(HTTPError) {
        self.listener = Listener(descriptor: listener)
        self.service = HTTPService(limits: limits, errorResponse: errorResponse, handler: handler)
        self.admit = admit
        self.registry = try ConnectionRegistry()
        self.connectionLimits = Mutex(limits)
    }

    /// Replaces `HTTPLimits.connections` and `.connectionsPerPeer`, at any time and from any thread. Connections that are there
    /// stay; the new numbers decide about the next ones.
    package func setConnectionLimits(_ connections: Int, perPeer: Int) {
        connectionLimits.withLock { limits in
            limits.connections = connections
            limits.connectionsPerPeer = perPeer
        }
    }

    /// Accepts and serves connections until `stop()`; to be called once. After it every connection is closed, but for
    /// those whose handler has not returned although its connection was shut down.
    ///
    /// - Throws: `HTTPError.systemCall` when the listener fails; connections are ended as by `stop()`.
    package func serve() throws(HTTPError) {
        listener.prepare()
        defer { endConnections() }
        try acceptUntilStopped()
    }

    /// Makes `serve()` return, from any thread; does not wait for it. New connections and requests are not taken any
    /// more, idle connections are closed, exchanges get `HTTPLimits.stopTime` to end, and are then shut down.
    package func stop() {
        registry.stop()
    }

    private func acceptUntilStopped() throws(HTTPError) {
        // A client that reads its answer leaves at once; this bounds one that does not.
        let refused = RefusedConnections(time: service.limits.drainTime)
        var isExhausted = false
        while !registry.isStopping {
            var entries = [pollfd(fd: registry.wake.descriptor, events: Int16(POLLIN), revents: 0)]
            entries.append(
                pollfd(fd: isExhausted ? -1 : listener.descriptor, events: Int16(POLLIN), revents: 0))
            entries.append(contentsOf: refused.pollEntries)
            // Out of descriptors: looks again soon, since nothing tells when there are some.
            let timeout = isExhausted ? 100 : refused.pollTimeout
            guard poll(&entries, nfds_t(entries.count), timeout) >= 0 || errno == EINTR else {
                throw .systemCall("poll", errno: errno)
            }
            refused.collect()
            guard !registry.isStopping else {
                return
            }
            isExhausted = false
            switch try listener.accept() {
            case .connection(let descriptor): take(descriptor, refused)
            case .exhausted: isExhausted = true
            case .nobody: break
            }
        }
    }

    /// Gives a connection to a thread of its own, or refuses it.
    private func take(_ descriptor: Int32, _ refused: RefusedConnections) {
        switch admit(descriptor) {
        case .refused(let response):
            refused.refuse(descriptor, with: response)
        case .accepted(let peer, let isPrivileged):
            do throws(HTTPError) {
                let id = try registry.add(
                    descriptor, peer: peer, isPrivileged: isPrivileged, limits: connectionLimits.withLock(\.self))
                let (service, registry) = (service, registry)
                let isStarted = ConnectionThread.start(stackBytes: service.limits.stackBytes) {
                    HTTPConnection(descriptor: descriptor, id: id, peer: peer, service: service, registry: registry)
                        .run()
                }
                guard isStarted else {
                    registry.forget(id)
                    throw .tooManyConnections
                }
            } catch {
                refused.refuse(descriptor, with: service.errorResponse(error))
            }
        }
    }

    /// Closes the listener, and waits for the connections to end.
    private func endConnections() {
        close(listener.descriptor)
        registry.stop()
        waitForConnections(until: Deadline(after: service.limits.stopTime))
        registry.shutDownAll()
        waitForConnections(until: Deadline(after: .seconds(1)))
    }

    private func waitForConnections(until deadline: Deadline) {
        while !registry.isEmpty && !deadline.hasPassed {
            var entry = pollfd(fd: registry.wake.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&entry, 1, deadline.pollTimeout)
            registry.wake.clear()
        }
    }
}
