/// The connections of a server, and the rules on how many there may be. Pure: shutting down and closing is the
/// caller's.
struct ConnectionTable: Sendable {
    /// What a connection is doing, which decides what happens to it when the server stops.
    enum Phase: Sendable {
        /// Nothing of a request has come.
        case idle
        /// A request has begun to come.
        case reading
        /// The handler has the request.
        case answering
    }

    struct Entry: Sendable {
        let descriptor: Int32
        /// `nil` as long as it is not identified.
        var peer: UInt64?
        var phase = Phase.idle
    }

    private(set) var entries: [Int: Entry] = [:]
    private(set) var isStopping = false
    /// Connections of each peer; under `nil` those of all peers that are not identified.
    private var countOfPeer: [UInt64?: Int] = [:]
    private var nextID = 0

    /// Adds a connection.
    ///
    /// - Parameter peer: `nil` if it is not identified.
    /// - Returns: its id.
    /// - Throws: `HTTPError.tooManyConnections`, `.tooManyConnectionsOfPeer`.
    mutating func add(
        _ descriptor: Int32, peer: UInt64?, isPrivileged: Bool, limits: HTTPLimits
    ) throws(HTTPError) -> Int {
        try checkRoom(for: peer, limits)
        guard entries.count < limits.connections - (isPrivileged ? 0 : limits.reservedConnections) else {
            throw .tooManyConnections
        }
        nextID += 1
        entries[nextID] = Entry(descriptor: descriptor, peer: peer)
        countOfPeer[peer, default: 0] += 1
        return nextID
    }

    /// Counts a connection as its peer's, now that it is identified.
    ///
    /// - Throws: `HTTPError.tooManyConnectionsOfPeer`; it is to be closed then.
    mutating func identify(_ id: Int, as peer: UInt64, limits: HTTPLimits) throws(HTTPError) {
        guard let entry = entries[id], entry.peer != peer else {
            return
        }
        try checkRoom(for: peer, limits)
        uncount(entry.peer)
        countOfPeer[peer, default: 0] += 1
        entries[id]?.peer = peer
    }

    private func checkRoom(for peer: UInt64?, _ limits: HTTPLimits) throws(HTTPError) {
        let count = countOfPeer[peer, default: 0]
        if peer == nil, count >= limits.unidentifiedConnections {
            throw .tooManyConnections
        }
        if peer != nil, count >= limits.connectionsPerPeer {
            throw .tooManyConnectionsOfPeer(limit: limits.connectionsPerPeer)
        }
    }

    private mutating func uncount(_ peer: UInt64?) {
        let left = countOfPeer[peer, default: 1] - 1
        countOfPeer[peer] = left > 0 ? left : nil
    }

    mutating func setPhase(_ phase: Phase, of id: Int) {
        entries[id]?.phase = phase
    }

    mutating func remove(_ id: Int) {
        guard let entry = entries.removeValue(forKey: id) else {
            return
        }
        uncount(entry.peer)
    }

    mutating func stop() {
        isStopping = true
    }
}
