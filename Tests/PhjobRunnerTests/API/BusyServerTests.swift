import Glibc
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("A server that has all the connections it takes")
struct BusyServerTests {
    private static var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.connections = 4
        limits.reservedConnections = 0
        limits.connectionsPerPeer = 1
        return limits
    }

    @Test("One person may have them all; who comes too late waits, and loses nothing")
    func waits() async throws {
        try await withAPI(limits: Self.limits) { api in
            var idle: [Descriptor] = []
            for _ in 0..<4 { idle.append(try UnixSocket.connect(to: api.socketPath)) }
            let client = api.client
            let late = Waiter { try client.submit(JobSubmission(command: "exit 3")) }
            // Long enough for some tries; a shorter time would make the test weaker, and never wrong.
            usleep(500_000)
            #expect(!late.isThere)
            #expect(try api.runner.supervisor.store.ids().isEmpty)
            idle.removeLast()
            #expect(try client.wait([late.get().id.text]).items.map(\.exitCode) == [3])
            withExtendedLifetime(idle) {}
        }
    }

    @Test("A signal ends the waiting")
    func interrupted() async throws {
        try await withAPI(limits: Self.limits) { api in
            var idle: [Descriptor] = []
            for _ in 0..<4 { idle.append(try UnixSocket.connect(to: api.socketPath)) }
            let wakeup = try Wakeup()
            let client = APIClient(socketPath: api.socketPath, interrupt: wakeup.descriptor.number)
            let late = Waiter { try client.submit(JobSubmission(command: "exit 3")) }
            usleep(200_000)
            wakeup.signal()
            #expect(throws: APIClient.Interrupted.self) { try late.get() }
            withExtendedLifetime(idle) {}
        }
    }

    @Test("An error that says when to come back is answered so")
    func retryAfter() {
        let response = APIServer.response(PhjobError(.tooManyRequests, "too many", retryAfter: 3))
        #expect(response.status == .tooManyRequests && response.headers["Retry-After"] == "3")
        #expect(APIServer.response(PhjobError(.unavailable, "the disk is full")).headers["Retry-After"] == nil)
    }
}
