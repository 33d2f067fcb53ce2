import Testing

@testable import PhjobHTTP

@Suite struct ConnectionTableTests {
    private let limits = {
        var limits = HTTPLimits()
        limits.connections = 4
        limits.reservedConnections = 1
        limits.connectionsPerPeer = 2
        return limits
    }()

    @Test func boundsEachPeerAndAll() throws {
        var table = ConnectionTable()
        let first = try table.add(3, peer: 1, isPrivileged: false, limits: limits)
        #expect(refusal(&table, peer: 1) == nil)
        #expect(refusal(&table, peer: 1) == .tooManyConnectionsOfPeer(limit: 2))
        #expect(refusal(&table, peer: 2) == nil)
        #expect(refusal(&table, peer: 3) == .tooManyConnections)
        #expect(refusal(&table, peer: 0, isPrivileged: true) == nil)
        #expect(refusal(&table, peer: 0, isPrivileged: true) == .tooManyConnections)
        table.remove(first)
        table.remove(first)
        #expect(refusal(&table, peer: 0, isPrivileged: true) == nil)
        #expect(table.entries.count == 4)
    }

    /// Adds a connection; nil if it is taken.
    private func refusal(_ table: inout ConnectionTable, peer: UInt64, isPrivileged: Bool = false) -> HTTPError? {
        do throws(HTTPError) {
            _ = try table.add(3, peer: peer, isPrivileged: isPrivileged, limits: limits)
            return nil
        } catch {
            return error
        }
    }
}
