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
        let peer: UInt64
        var phase = Phase.idle
    }

    private(set) var entries: [Int: Entry] = [:]
    private(set) var isStopping = false
    private var countOfPeer: [UInt64: Int] = [:]
    private var nextID = 0

    /// Adds a connection.
    ///
    /// - Returns: its id.
    /// - Throws: `HTTPError.tooManyConnections`, `.tooManyConnectionsOfPeer`.
    mutating func add(
        _ descriptor: Int32, peer: UInt64, isPrivileged: Bool, limits: HTTPLimits
    ) throws(HTTPError) -> Int {
        guard countOfPeer[peer, default: 0] < limits.connectionsPerPeer else {
            throw .tooManyConnectionsOfPeer(limit: limits.connectionsPerPeer)
        }
        guard entries.count < limits.connections - (isPrivileged ? 0 : limits.reservedConnections) else {
            throw .tooManyConnections
        }
        nextID += 1
        entries[nextID] = Entry(descriptor: descriptor, peer: peer)
        countOfPeer[peer, default: 0] += 1
        return nextID
    }

    mutating func setPhase(_ phase: Phase, of id: Int) {
        entries[id]?.phase = phase
    }

    mutating func remove(_ id: Int) {
        guard let entry = entries.removeValue(forKey: id) else {
            return
        }
        let left = countOfPeer[entry.peer, default: 1] - 1
        countOfPeer[entry.peer] = left > 0 ? left : nil
    }

    mutating func stop() {
        isStopping = true
    }
}
