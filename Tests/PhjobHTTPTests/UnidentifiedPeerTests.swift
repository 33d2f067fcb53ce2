import Glibc
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobHTTP

extension SocketTests {
    /// Peers of which it is not known yet who they are share few connections, whatever they claim to be.
    @Suite struct UnidentifiedPeerTests {
        private static let limits = {
            var limits = HTTPLimits()
            (limits.connections, limits.reservedConnections) = (20, 0)
            (limits.connectionsPerPeer, limits.unidentifiedConnections) = (2, 3)
            return limits
        }()

        @Test func theyAreCountedTogetherUntilTheyAreIdentified() throws {
            var table = ConnectionTable()
            let ids = try (0..<3).map { _ in try table.add(3, peer: nil, isPrivileged: false, limits: Self.limits) }
            #expect(throws: HTTPError.tooManyConnections) {
                try table.add(3, peer: nil, isPrivileged: false, limits: Self.limits)
            }
            // They take nothing from those that are known.
            _ = try table.add(3, peer: 7, isPrivileged: false, limits: Self.limits)
            try table.identify(ids[0], as: 7, limits: Self.limits)
            #expect(throws: HTTPError.tooManyConnectionsOfPeer(limit: 2)) {
                try table.identify(ids[1], as: 7, limits: Self.limits)
            }
            table.remove(ids[1])
            for _ in 0..<2 { _ = try table.add(3, peer: nil, isPrivileged: false, limits: Self.limits) }
            #expect(throws: HTTPError.tooManyConnections) {
                try table.add(3, peer: nil, isPrivileged: false, limits: Self.limits)
            }
            #expect(throws: HTTPError.tooManyConnectionsOfPeer(limit: 2)) {
                try table.add(3, peer: 7, isPrivileged: false, limits: Self.limits)
            }
        }

        @Test func whoIsIdentifiedIsServedOrRefused() throws {
            // Even numbers are known to exist, odd ones are known not to.
            let next = Mutex<UInt64>(0)
            try TestServer.with(
                limits: Self.limits, admit: { _ in .unidentified(peer: next.withLock(\.self)) },
                identify: { $0 % 2 == 0 ? .accepted(peer: $0) : .refused(HTTPResponse(.forbidden)) }
            ) { test in
                var clients: [HTTPClient] = []
                // More than there may be that are not identified.
                for peer in [2, 2, 4, 4, 6, 6] as [UInt64] {
                    next.withLock { $0 = peer }
                    clients.append(try test.client())
                    #expect(try clients.last?.send(HTTPRequest("GET", "/")).status == .ok)
                }
                #expect(try test.client().send(HTTPRequest("GET", "/")).status == .serviceUnavailable)
                next.withLock { $0 = 3 }
                // Each leaves its place to the next, also if its client stays.
                var held: [RawConnection] = []
                for _ in 0..<(2 * Self.limits.unidentifiedConnections) {
                    try eventuallyRefused(test, &held)
                }
            }
        }

        private func eventuallyRefused(_ test: TestServer, _ held: inout [RawConnection]) throws {
            let deadline = Deadline(after: .seconds(patience))
            while true {
                held.append(try test.raw())
                let answer = try held.last?.readToEnd() ?? ""
                if answer.hasPrefix("HTTP/1.1 403 ") { return }
                #expect(answer.hasPrefix("HTTP/1.1 503 ") && !deadline.hasPassed, "\(answer)")
            }
        }

        @Test func whoCannotBeIdentifiedIsServedInOneOfFewPlaces() throws {
            try TestServer.with(
                limits: Self.limits, admit: { _ in .unidentified(peer: 9) }, identify: { .unidentified(peer: $0) }
            ) { test in
                let clients = try (0..<3).map { _ in
                    let client = try test.client()
                    #expect(try client.send(HTTPRequest("GET", "/")).status == .ok)
                    return client
                }
                #expect(try test.client().send(HTTPRequest("GET", "/")).status == .serviceUnavailable)
                withExtendedLifetime(clients) {}
            }
        }

        @Test func aListenerIsReplacedWithoutTheConnections() throws {
            try TestServer.with { test in
                let before = try test.client()
                #expect(try before.send(HTTPRequest("GET", "/")).readBody(limit: 0).isEmpty)
                unlink(test.path)
                test.server.replaceListener(try TestServer.listen(at: test.path))
                #expect(try test.client().send(HTTPRequest("GET", "/")).status == .ok)
                #expect(try before.send(HTTPRequest("GET", "/")).status == .ok)
            }
        }
    }
}
