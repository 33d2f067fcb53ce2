import Glibc
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobHTTP

extension SocketTests {
    @Suite struct ServerStopTests {
        @Test func closesIdleConnectionsAtOnce() throws {
            var limits = HTTPLimits()
            limits.stopTime = .seconds(3600)
            try TestServer.with(limits: limits) { test in
                let clients = try (0..<50).map { _ in
                    let client = try test.client()
                    _ = try client.send(HTTPRequest("GET", "/")).readBody(limit: 0)
                    return client
                }
                let fresh = try test.raw()
                // Returns only when every connection has ended; waiting for their time to end would take an hour.
                test.stopAndWait()
                #expect(try fresh.readToEnd() == "")
                #expect(throws: HTTPError.closed) { try clients[0].send(HTTPRequest("GET", "/")) }
                // A child that another test is just starting has the listener too, until it calls execve(2).
                let deadline = Deadline(after: .seconds(patience))
                while let client = try? test.client(), !deadline.hasPassed {
                    client.close()
                    usleep(1000)
                }
                #expect(throws: HTTPError.connectFailed(errno: 111)) { try test.client() }
            }
        }

        @Test func letsExchangesEnd() throws {
            var limits = HTTPLimits()
            limits.stopTime = .seconds(3600)
            let started = Signal()
            try TestServer.with(
                limits: limits,
                handler: { exchange in
                    started.raise()
                    #expect(exchange.wait() == .stopping)
                    #expect(exchange.isStopping && !exchange.isClientGone)
                    exchange.respond(HTTPResponse(.ok, body: [1, 2]))
                }
            ) { test in
                let raw = try test.raw()
                try raw.send("GET / HTTP/1.1\r\n\r\n")
                #expect(started.wait())
                test.server.stop()
                let answer = try raw.readToEnd()
                #expect(answer.hasSuffix("\u{1}\u{2}") && answer.contains("Connection: close\r\n"))
                test.stopAndWait()
            }
        }

        @Test func cutsStreamsThatDoNotEnd() throws {
            var limits = HTTPLimits()
            limits.stopTime = .milliseconds(100)
            let failure = Mutex<HTTPError?>(nil)
            try TestServer.with(
                limits: limits,
                handler: { exchange in
                    do throws(HTTPError) {
                        let writer = try exchange.startStreaming()
                        while true {
                            try writer.write([UInt8](repeating: 1, count: 1000))
                        }
                    } catch {
                        failure.withLock { $0 = error }
                    }
                }
            ) { test in
                let response = try test.client().send(HTTPRequest("GET", "/"))
                #expect(try response.next() != nil)
                test.server.stop()
                #expect(throws: HTTPError.truncated) {
                    while try response.next() != nil {}
                }
                #expect(throws: HTTPError.truncated) { try response.next() }
                test.stopAndWait()
                #expect(failure.withLock { $0 } == .closed)
            }
        }

        @Test func stopsBeforeItServes() throws {
            try TestServer.with { test in
                test.stopAndWait()
                test.server.stop()
            }
        }

        /// A handler that does not come back is left behind, and ends without harm.
        @Test func doesNotWaitForEver() throws {
            var limits = HTTPLimits()
            limits.stopTime = .milliseconds(10)
            let (started, release) = (Signal(), Signal())
            try TestServer.with(
                limits: limits,
                handler: { exchange in
                    started.raise()
                    #expect(release.wait())
                    #expect(!exchange.respond(HTTPResponse(.ok)))
                }
            ) { test in
                let raw = try test.raw()
                try raw.send("GET / HTTP/1.1\r\n\r\n")
                #expect(started.wait())
                test.stopAndWait()
                release.raise()
                #expect(try raw.readToEnd() == "")
            }
        }
    }
}
