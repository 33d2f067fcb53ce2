import Glibc
import Synchronization

/// The table that the accept loop and the connections' threads share.
///
/// A descriptor is shut down and closed only under the lock and only while its entry is there, so that the number of
/// a closed one, which the kernel gives out again, is never touched.
final class ConnectionRegistry: Sendable {
    private let table = Mutex(ConnectionTable())
    /// Raised by `stop()`, by each connection that ends after it, and when there is another listener.
    let wake: WakeSignal

    /// - Throws: `HTTPError.systemCall`.
    init() throws(HTTPError) {
        wake = try WakeSignal()
    }

    var isStopping: Bool {
        table.withLock { $0.isStopping }
    }

    var isEmpty: Bool {
        table.withLock { $0.entries.isEmpty }
    }

    /// - Throws: what `ConnectionTable.add` throws.
    func add(
        _ descriptor: Int32, peer: UInt64?, isPrivileged: Bool, limits: HTTPLimits
    ) throws(HTTPError) -> Int {
        try table.withLock { (table) throws(HTTPError) in
            try table.add(descriptor, peer: peer, isPrivileged: isPrivileged, limits: limits)
        }
    }

    /// - Throws: what `ConnectionTable.identify` throws.
    func identify(_ id: Int, as peer: UInt64, limits: HTTPLimits) throws(HTTPError) {
        try table.withLock { (table) throws(HTTPError) in try table.identify(id, as: peer, limits: limits) }
    }

    /// Says that a request has begun to come, or that the connection waits for one.
    ///
    /// - Returns: false when the server is stopping, and the connection is to be closed instead.
    func enter(_ phase: ConnectionTable.Phase, _ id: Int) -> Bool {
        table.withLock { table in
            table.setPhase(phase, of: id)
            return !table.isStopping
        }
    }

    /// Says that the handler has the request. A server that is stopping lets it have its answer.
    func enterAnswering(_ id: Int) {
        table.withLock { table in
            table.setPhase(.answering, of: id)
            if table.isStopping, let entry = table.entries[id] {
                shutdown(entry.descriptor, Int32(SHUT_RD))
            }
        }
    }

    /// Takes a connection out without touching its descriptor.
    func forget(_ id: Int) {
        table.withLock { $0.remove(id) }
    }

    /// Ends a connection: closes its descriptor.
    func close(_ id: Int) {
        let isStopping = table.withLock { table in
            if let entry = table.entries[id] {
                Glibc.close(entry.descriptor)
                table.remove(id)
            }
            return table.isStopping
        }
        if isStopping {
            wake.raise()
        }
    }

    /// From now on no request is begun. Connections without one are shut down; handlers are told by the end of what
    /// they can read, which wakes those that wait for their client.
    func stop() {
        table.withLock { table in
            table.stop()
            for entry in table.entries.values {
                switch entry.phase {
                case .idle: shutdown(entry.descriptor, Int32(SHUT_RDWR))
                case .reading: break
                case .answering: shutdown(entry.descriptor, Int32(SHUT_RD))
                }
            }
        }
        wake.raise()
    }

    /// Ends what goes on, reading and writing.
    func shutDownAll() {
        table.withLock { table in
            for entry in table.entries.values {
                shutdown(entry.descriptor, Int32(SHUT_RDWR))
            }
        }
    }
}
