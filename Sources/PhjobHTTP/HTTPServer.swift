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
    private let identify: @Sendable (UInt64) -> HTTPAdmission
    private let registry: ConnectionRegistry
    /// Of these only the numbers of connections count; the rest is the service's.
    private let connectionLimits: Mutex<HTTPLimits>
    /// The listening socket to go on with, which the accept loop has not taken over yet.
    private let nextListener = Mutex<Int32?>(nil)
    /// Connections that are accepted before it is looked whether there is something else to do.
    private static let connectionsPerRound = 64

    /// - Parameters:
    ///   - listener: a listening stream socket, which `serve()` takes over and closes; its file stays the caller's.
    ///   - admit: asked about each new connection, with its descriptor, in the accept loop: it must not block for long,
    ///     and must not close the descriptor.
    ///   - identify: asked about a peer that is `.unidentified`, on the connection's own thread: it may block. If it does not
    ///     know either, the connection is served as one of those that are not identified.
    ///   - errorResponse: turns an error that has a `status` into an answer. Its body should stay below 64 KiB.
    ///   - handler: called for each request, on its connection's thread, for as long as the exchange takes.
    /// - Throws: `HTTPError.systemCall` when there is no descriptor left.
    package init(
        listener: Int32, limits: HTTPLimits = HTTPLimits(),
        admit: @escaping @Sendable (Int32) -> HTTPAdmission = { _ in .accepted(peer: 0) },
        identify: @escaping @Sendable (UInt64) -> HTTPAdmission = { .accepted(peer: $0) },
        errorResponse: @escaping @Sendable (HTTPError) -> HTTPResponse,
        handler: @escaping @Sendable (HTTPExchange) -> Void
    ) throws(HTTPError) {
        self.listener = Listener(descriptor: listener)
        self.service = HTTPService(limits: limits, errorResponse: errorResponse, handler: handler)
        self.admit = admit
        self.identify = identify
        self.registry = try ConnectionRegistry()
        self.connectionLimits = Mutex(limits)
    }

    /// Replaces the bounds on how many connections there may be, at any time and from any thread. Connections that are there stay;
    /// the new numbers decide about the next ones. The other members of `limits` are not used.
    package func setConnectionLimits(_ limits: HTTPLimits) {
        connectionLimits.withLock { $0 = limits }
    }

    /// Goes on with another listening socket, at any time and from any thread. It is taken over; the one before is closed, with
    /// the connections that wait there. Those that were accepted stay.
    package func replaceListener(_ descriptor: Int32) {
        let unused = nextListener.withLock { next in
            defer { next = descriptor }
            return next
        }
        if let unused {
            close(unused)
        }
        registry.wake.raise()
    }

    /// Accepts and serves connections until `stop()`; to be called once. After it every connection is closed, but for
    /// those whose handler has not returned although its connection was shut down.
    ///
    /// - Throws: `HTTPError.systemCall` when the listener fails; connections are ended as by `stop()`.
    package func serve() throws(HTTPError) {
        var listener = listener
        listener.prepare()
        defer { endConnections(listener) }
        try acceptUntilStopped(&listener)
    }

    /// Makes `serve()` return, from any thread; does not wait for it. New connections and requests are not taken any
    /// more, idle connections are closed, exchanges get `HTTPLimits.stopTime` to end, and are then shut down.
    package func stop() {
        registry.stop()
    }

    private func acceptUntilStopped(_ listener: inout Listener) throws(HTTPError) {
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
            if entries[0].revents != 0 {
                registry.wake.clear()
            }
            guard !registry.isStopping else {
                return
            }
            takeNextListener(&listener)
            isExhausted = try !acceptWaiting(listener, refused)
        }
    }

    /// Accepts what waits, up to a bound.
    ///
    /// - Returns: false if descriptors or memory are used up.
    private func acceptWaiting(_ listener: Listener, _ refused: RefusedConnections) throws(HTTPError) -> Bool {
        for _ in 0..<Self.connectionsPerRound {
            switch try listener.accept() {
            case .connection(let descriptor): take(descriptor, refused)
            case .exhausted: return false
            case .nobody: return true
            }
        }
        return true
    }

    private func takeNextListener(_ listener: inout Listener) {
        let next = nextListener.withLock { next in
            defer { next = nil }
            return next
        }
        if let next {
            close(listener.descriptor)
            listener = Listener(descriptor: next)
            listener.prepare()
        }
    }

    /// Gives a connection to a thread of its own, or refuses it.
    private func take(_ descriptor: Int32, _ refused: RefusedConnections) {
        switch admit(descriptor) {
        case .refused(let response):
            refused.refuse(descriptor, with: response)
        case .accepted(let peer, let isPrivileged):
            start(descriptor, peer: peer, isIdentified: true, isPrivileged: isPrivileged, refused)
        case .unidentified(let peer):
            start(descriptor, peer: peer, isIdentified: false, isPrivileged: false, refused)
        }
    }

    private func start(
        _ descriptor: Int32, peer: UInt64, isIdentified: Bool, isPrivileged: Bool, _ refused: RefusedConnections
    ) {
        do throws(HTTPError) {
            let id = try registry.add(
                descriptor, peer: isIdentified ? peer : nil, isPrivileged: isPrivileged,
                limits: connectionLimits.withLock(\.self))
            let isStarted = ConnectionThread.start(stackBytes: service.limits.stackBytes) { [self] in
                let connection = HTTPConnection(
                    descriptor: descriptor, id: id, peer: peer, service: service, registry: registry)
                if !isIdentified, let refusal = refusal(of: peer, id) {
                    connection.refuse(with: refusal)
                } else {
                    connection.run()
                }
            }
            guard isStarted else {
                registry.forget(id)
                throw .tooManyConnections
            }
        } catch {
            refused.refuse(descriptor, with: error, service)
        }
    }

    /// Identifies a connection's peer.
    ///
    /// - Returns: what it is refused with; `nil` if it is to be served.
    private func refusal(of peer: UInt64, _ id: Int) -> HTTPResponse? {
        switch identify(peer) {
        case .refused(let response): return response
        case .unidentified: return nil
        case .accepted(let peer, _):
            do throws(HTTPError) {
                try registry.identify(id, as: peer, limits: connectionLimits.withLock(\.self))
                return nil
            } catch {
                return service.errorResponse(error)
            }
        }
    }

    /// Closes the listener, and waits for the connections to end.
    private func endConnections(_ listener: Listener) {
        close(listener.descriptor)
        if let unused = nextListener.withLock(\.self) {
            close(unused)
        }
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
