import Glibc
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobHTTP

extension SocketTests {
    @Suite struct ConnectionLimitTests {
        @Test func refusesBeyondTheLimits() throws {
            var limits = HTTPLimits()
            limits.connections = 4
            limits.reservedConnections = 1
            limits.connectionsPerPeer = 2
            // The peers of the connections, in their order.
            let peers = Mutex<[UInt64]>([1, 1, 1, 2, 3, 0])
            try TestServer.with(
                limits: limits,
                admit: { _ in
                    let peer = peers.withLock { $0.isEmpty ? 1 : $0.removeFirst() }
                    return .accepted(peer: peer, isPrivileged: peer == 0)
                }
            ) { test in
                let first = try test.client()
                #expect(try first.send(HTTPRequest("GET", "/")).status == .ok)
                let second = try test.client()
                #expect(try second.send(HTTPRequest("GET", "/")).status == .ok)
                #expect(try refusal(test).contains("you have 2 connections open"))
                let third = try test.client()
                #expect(try third.send(HTTPRequest("GET", "/")).status == .ok)
                #expect(try refusal(test).contains("all the connections it takes"))
                let privileged = try test.client()
                #expect(try privileged.send(HTTPRequest("GET", "/")).status == .ok)
                first.close()
                second.close()
                #expect(try eventuallyServed(test))
            }
        }

        @Test func newLimitsDecideAboutTheNextConnections() throws {
            var limits = HTTPLimits()
            (limits.connections, limits.reservedConnections, limits.connectionsPerPeer) = (4, 0, 1)
            try TestServer.with(limits: limits) { test in
                let first = try test.client()
                #expect(try first.send(HTTPRequest("GET", "/")).status == .ok)
                #expect(try refusal(test).contains("you have 1 connections open"))
                limits.connectionsPerPeer = 3
                test.server.setConnectionLimits(limits)
                let second = try test.client()
                #expect(try second.send(HTTPRequest("GET", "/")).status == .ok)
                limits.connections = 1
                test.server.setConnectionLimits(limits)
                #expect(try refusal(test).contains("all the connections it takes"))
                #expect(try first.send(HTTPRequest("GET", "/")).readBody(limit: 0).isEmpty)
            }
        }

        private func refusal(_ test: TestServer) throws -> String {
            let response = try test.client().send(HTTPRequest("POST", "/", body: [1, 2, 3]))
            #expect(response.status == .serviceUnavailable && response.headers["Connection"] == "close")
            let text = String(decoding: try response.readBody(limit: 1000), as: UTF8.self)
            #expect(text.hasPrefix(#"{"error":{"code":"TooManyConnections","message":""#))
            return text
        }

        /// A closed connection's place is free as soon as its thread has noticed.
        private func eventuallyServed(_ test: TestServer) throws -> Bool {
            let deadline = Deadline(after: .seconds(patience))
            while !deadline.hasPassed {
                if try test.client().send(HTTPRequest("GET", "/")).status == .ok {
                    return true
                }
            }
            return false
        }

        @Test func refusesWhomTheCallerRefuses() throws {
            try TestServer.with(admit: { descriptor in
                #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
                return .refused(HTTPResponse(.forbidden, body: [33]))
            }) { test in
                // More than are kept at a time.
                var held: [RawConnection] = []
                for _ in 0..<(RefusedConnections.capacity + 8) {
                    held.append(try test.raw())
                    #expect(try held.last?.readToEnd().hasPrefix("HTTP/1.1 403 Forbidden\r\n") == true)
                }
            }
        }

        /// In a process of its own, since the limit is the whole process's.
        @Test func survivesLackOfDescriptors() async {
            await #expect(processExitsWith: .success) {
                try TestServer.with { test in
                    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
                    var limit = rlimit()
                    getrlimit(resource, &limit)
                    limit.rlim_cur = 64
                    setrlimit(resource, &limit)
                    var fillers: [Int32] = []
                    while case let filler = dup(0), filler >= 0 {
                        fillers.append(filler)
                    }
                    close(fillers.removeLast())
                    let raw = try test.raw()
                    try raw.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
                    let socket = StreamSocket(descriptor: raw.descriptor)
                    #expect(try socket.wait(for: POLLIN, until: Deadline(after: .milliseconds(50))) == 0)
                    for filler in fillers {
                        close(filler)
                    }
                    #expect(try raw.readToEnd().hasPrefix("HTTP/1.1 200 "))
                }
            }
        }
    }
}
