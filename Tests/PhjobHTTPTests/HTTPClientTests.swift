import Glibc
import Synchronization
import Testing

@testable import PhjobHTTP

extension SocketTests {
    @Suite struct HTTPClientTests {
        /// A client of ours, against a server that says what the test wants.
        private func answered(
            _ text: String, isEnded: Bool = true, _ body: (HTTPClient) throws -> Void
        ) throws {
            let (descriptor, server) = try RawConnection.pair()
            let client = HTTPClient(descriptor: descriptor)
            try server.send(text)
            if isEnded {
                server.finishSending()
            }
            try body(client)
            client.close()
        }

        static let complete = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "HTTP/1.0 200\r\n\r\nhello",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello",
        ]

        @Test(arguments: complete) func reads(_ text: String) throws {
            try answered(text) { client in
                let response = try client.send(HTTPRequest("GET", "/"))
                #expect(response.status == .ok)
                #expect(try response.readBody(limit: 5) == Array("hello".utf8))
                #expect(try response.next() == nil)
            }
            try answered(text) { client in
                let response = try client.send(HTTPRequest("GET", "/"))
                #expect(throws: HTTPError.answerTooLarge(limit: 4)) { try response.readBody(limit: 4) }
            }
            // A small buffer gets everything, in order.
            try answered(text) { client in
                let response = try client.send(HTTPRequest("GET", "/"))
                var bytes: [UInt8] = []
                try withUnsafeTemporaryAllocation(byteCount: 2, alignment: 1) { buffer in
                    while case let count = try response.read(into: buffer), count > 0 {
                        bytes += buffer[..<count]
                    }
                }
                #expect(bytes == Array("hello".utf8))
            }
        }

        static let faults: [(String, HTTPError)] = [
            ("", .closed),
            ("HTTP/1.1 200", .truncated),
            ("HTTP/1.1 100 Continue\r\n\r\n", .closed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", .truncated),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .truncated),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello", .truncated),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .truncated),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", .truncated),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhellooo", .malformed(.chunkEnd)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .unsupportedTransferCoding),
            ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", .malformed(.contentLength)),
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n", .malformed(.statusLine)),
            ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion),
            ("HTTP/1.1 200 OK\n\n", .malformed(.bareLineFeed)),
        ]

        @Test(arguments: faults) func findsFaults(_ text: String, _ error: HTTPError) throws {
            try answered(text) { client in
                #expect(throws: error) {
                    try client.send(HTTPRequest("GET", "/")).readBody(limit: 100)
                }
                #expect(throws: HTTPError.self) { try client.send(HTTPRequest("GET", "/")) }
            }
        }

        @Test func streamsBothWays() throws {
            try TestServer.with(handler: { exchange in
                do throws(HTTPError) {
                    let writer = try exchange.startStreaming(.accepted)
                    try writer.write([])
                    for size in [1, 100, 65_536, 300_000] {
                        try writer.write([UInt8](repeating: UInt8(size & 255), count: size))
                    }
                    try writer.finish(trailers: ["Complete": "yes"])
                    #expect(throws: HTTPError.alreadyAnswered) { try writer.write([1]) }
                } catch {
                    Issue.record(error)
                }
            }) { test in
                let client = try test.client()
                for _ in 0..<2 {
                    let response = try client.send(HTTPRequest("GET", "/"))
                    #expect(response.status == .accepted && response.headers["Transfer-Encoding"] == "chunked")
                    #expect(try response.readBody(limit: 1 << 20).count == 365_637)
                    #expect(response.trailers == ["Complete": "yes"])
                }
            }
        }

        @Test func seesThatAHandlerDidNotFinish() throws {
            try TestServer.with(handler: { try? $0.startStreaming().write([1, 2, 3]) }) { test in
                let response = try test.client().send(HTTPRequest("GET", "/"))
                #expect(try response.next() == [1, 2, 3])
                #expect(throws: HTTPError.truncated) { try response.next() }
            }
        }

        @Test func readsAnAnswerThatComesBeforeTheRequestIsSent() throws {
            let (descriptor, server) = try RawConnection.pair()
            let client = HTTPClient(descriptor: descriptor)
            // The server neither reads nor closes.
            try server.send("HTTP/1.1 413 X\r\nContent-Length: 2\r\n\r\nno")
            let response = try client.send(HTTPRequest("POST", "/", body: [UInt8](repeating: 1, count: 8 << 20)))
            #expect(response.status == .contentTooLarge)
            #expect(try response.readBody(limit: 2) == Array("no".utf8))
            #expect(throws: HTTPError.closed) { try client.send(HTTPRequest("GET", "/")) }
        }

        @Test func boundsTime() throws {
            let (descriptor, server) = try RawConnection.pair()
            let client = HTTPClient(descriptor: descriptor)
            #expect(throws: HTTPError.timedOut) {
                try client.send(HTTPRequest("GET", "/"), timeout: .milliseconds(20))
            }
            try server.send("")
            var limits = HTTPLimits()
            limits.writeTime = .milliseconds(20)
            let (other, silent) = try RawConnection.pair()
            #expect(throws: HTTPError.writeTimedOut) {
                try HTTPClient(descriptor: other, limits: limits)
                    .send(HTTPRequest("POST", "/", body: [UInt8](repeating: 1, count: 8 << 20)))
            }
            try silent.send("")
        }

        @Test func canBeInterrupted() throws {
            let signal = try WakeSignal()
            let (descriptor, server) = try RawConnection.pair()
            let client = HTTPClient(descriptor: descriptor, interrupt: signal.descriptor)
            try server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
            let response = try client.send(HTTPRequest("GET", "/"))
            #expect(try response.next() == [0x61])
            #expect(throws: HTTPError.timedOut) { try response.next(timeout: .milliseconds(5)) }
            #expect(
                ConnectionThread.start(stackBytes: 256 * 1024) {
                    signal.raise()
                })
            #expect(throws: HTTPError.interrupted) { try response.next() }
            // Reading may go on.
            signal.clear()
            try server.send("1\r\nb\r\n0\r\n\r\n")
            #expect(try response.next() == [0x62])
            #expect(try response.next() == nil)
        }

        @Test func cannotConnect() {
            #expect(throws: HTTPError.connectFailed(errno: ENOENT)) {
                try HTTPClient.connect(unixPath: "/nonexistent/s")
            }
            #expect(throws: HTTPError.connectFailed(errno: ENAMETOOLONG)) {
                try HTTPClient.connect(unixPath: "/" + String(repeating: "a", count: 107))
            }
        }

        @Test func waitsForRoomInTheQueue() throws {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            var template = Array("/tmp/phjob-http-XXXXXX".utf8CString)
            let directory = String(cString: try #require(mkdtemp(&template)))
            defer {
                unlink(directory + "/s")
                rmdir(directory)
            }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: (directory + "/s").utf8) }
            let bound = withUnsafeBytes(of: &address) {
                bind(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
            }
            try #require(bound == 0 && Glibc.listen(descriptor, 0) == 0)
            let first = try HTTPClient.connect(unixPath: directory + "/s")
            #expect(throws: HTTPError.timedOut) {
                try HTTPClient.connect(unixPath: directory + "/s", timeout: .milliseconds(10))
            }
            let signal = try WakeSignal()
            signal.raise()
            #expect(throws: HTTPError.interrupted) {
                try HTTPClient.connect(unixPath: directory + "/s", interrupt: signal.descriptor)
            }
            first.close()
        }
    }
}
