import Glibc
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobHTTP

extension SocketTests {
    @Suite struct HTTPServerTests {
        @Test func keepsTheConnection() throws {
            try TestServer.with { test in
                let client = try test.client()
                for size in [0, 1, 70_000, 4 << 20] {
                    let body = [UInt8](repeating: 7, count: size)
                    let response = try client.send(HTTPRequest("POST", "/", body: body), timeout: .seconds(patience))
                    #expect(response.status == .ok && response.headers["connection"] == "keep-alive")
                    #expect(try response.readBody(limit: size) == body)
                }
            }
        }

        @Test func answersPipelinedRequestsInOrder() throws {
            try TestServer.with(handler: { $0.respond(HTTPResponse(.ok, body: Array($0.request.path.utf8))) }) { test in
                let raw = try test.raw()
                try raw.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n")
                try raw.send("GET /3 HTTP/1.1\r\nConnection: close\r\n\r\n")
                let text = try raw.readToEnd()
                let bodies = text.split(separator: "\r\n\r\n").dropFirst().map { $0.prefix(2) }
                #expect(bodies == ["/1", "/2", "/3"])
                #expect(text.contains("Connection: close"))
            }
        }

        static let refusals: [(String, Int, String)] = [
            ("GET / HTTP/1.1\r\nA b\r\n\r\n", 400, "MalformedRequest"),
            ("GET / HTTP/1.1\r\nA", 400, "MalformedRequest"),
            ("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\na", 400, "MalformedRequest"),
            ("POST / HTTP/1.1\r\nContent-Length: 4194305\r\nExpect: 100-continue\r\n\r\n", 413, "RequestTooLarge"),
            ("GET /" + String(repeating: "a", count: 20_000), 414, "TargetTooLong"),
            ("GET / HTTP/1.1\r\nExpect: x\r\n\r\n", 417, "UnsupportedExpectation"),
            ("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 20_000), 431, "HeaderTooLarge"),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "UnsupportedTransferCoding"),
            ("GET / HTTP/2.0\r\n\r\n", 505, "UnsupportedVersion"),
            ("\u{16}\u{3}\u{1}\n", 400, "MalformedRequest"),
        ]

        @Test(arguments: refusals) func refuses(_ request: String, _ status: Int, _ code: String) throws {
            try TestServer.with { test in
                let raw = try test.raw()
                try raw.send(request)
                raw.finishSending()
                let answer = try raw.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
                #expect(answer.contains("Connection: close\r\n"))
                #expect(answer.contains(#"{"error":{"code":"\#(code)","message":""#))
            }
        }

        @Test(arguments: [false, true]) func largeUploadGetsToReadItsRefusal(_ isDrained: Bool) throws {
            var limits = HTTPLimits()
            limits.drainBytes = isDrained ? 100 << 20 : 1 << 20
            try TestServer.with(limits: limits) { test in
                let body = [UInt8](repeating: 1, count: 32 << 20)
                let response = try test.client().send(HTTPRequest("POST", "/", body: body), timeout: .seconds(patience))
                #expect(response.status == .contentTooLarge)
                let text = String(decoding: try response.readBody(limit: 1000), as: UTF8.self)
                #expect(text.contains("larger than 4 MiB"))
            }
        }

        @Test func boundsTime() throws {
            var limits = HTTPLimits()
            limits.headTime = .milliseconds(100)
            limits.bodyTime = .milliseconds(100)
            try TestServer.with(limits: limits) { test in
                let head = try test.raw()
                try head.send("GET / HTTP/1.1\r\nA")
                #expect(try head.readToEnd().hasPrefix("HTTP/1.1 408 "))
                let body = try test.raw()
                try body.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
                #expect(try body.readToEnd().hasPrefix("HTTP/1.1 408 "))
            }
            limits.idleTime = .milliseconds(200)
            try TestServer.with(limits: limits) { test in
                let idle = try test.raw()
                #expect(try idle.readToEnd() == "")
                try idle.send("")
            }
        }

        /// A byte now and then does not prolong the time of a body.
        @Test func boundsTimeOfTrickle() throws {
            var limits = HTTPLimits()
            limits.bodyTime = .milliseconds(300)
            try TestServer.with(limits: limits) { test in
                let raw = try test.raw()
                try raw.send("POST / HTTP/1.1\r\nContent-Length: 4000000\r\n\r\n")
                let socket = StreamSocket(descriptor: raw.descriptor)
                // The wait is the trickle's rhythm; it ends with the answer.
                while try socket.wait(for: POLLIN, until: Deadline(after: .milliseconds(10))) == 0 {
                    try? raw.send("x")
                }
                #expect(try raw.read(until: "}}").hasPrefix("HTTP/1.1 408 "))
            }
        }

        @Test func saysContinue() throws {
            try TestServer.with { test in
                let raw = try test.raw()
                try raw.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
                #expect(try raw.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                try raw.send("hi")
                #expect(try raw.read(until: "\r\n\r\nhi").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }

        @Test func speaksToOldClientsAndHead() throws {
            try TestServer.with(handler: { exchange in
                let writer = try? exchange.startStreaming(headers: ["A": "b"])
                try? writer?.write(Array("body".utf8))
                try? writer?.finish(trailers: ["T": "u"])
            }) { test in
                let old = try test.raw()
                try old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let answer = try old.readToEnd()
                #expect(answer.hasSuffix("\r\n\r\nbody") && !answer.contains("chunked"))
                let head = try test.raw()
                try head.send("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
                #expect(try head.readToEnd().hasSuffix("\r\n\r\n"))
            }
        }

        @Test func answersForHandlersThatDoNot() throws {
            try TestServer.with(handler: { exchange in
                if exchange.request.path == "/twice" {
                    #expect(exchange.respond(HTTPResponse(.noContent)))
                    #expect(!exchange.respond(HTTPResponse(.ok)))
                    #expect(throws: HTTPError.alreadyAnswered) { _ = try exchange.startStreaming() }
                }
            }) { test in
                let client = try test.client()
                let response = try client.send(HTTPRequest("GET", "/"))
                #expect(response.status == .internalServerError)
                #expect(throws: HTTPError.bodyUnread) { try client.send(HTTPRequest("GET", "/")) }
                _ = try response.readBody(limit: 1000)
                #expect(try client.send(HTTPRequest("GET", "/twice")).status == .noContent)
                #expect(try client.send(HTTPRequest("GET", "/twice")).next() == nil)
            }
        }

        @Test func cutsClientThatDoesNotReadAndServesOthers() throws {
            var limits = HTTPLimits()
            limits.writeTime = .seconds(1)
            let failure = Mutex<HTTPError?>(nil)
            let started = Signal()
            try TestServer.with(
                limits: limits,
                handler: { exchange in
                    guard exchange.request.path == "/flood" else {
                        exchange.respond(HTTPResponse(.ok))
                        return
                    }
                    do throws(HTTPError) {
                        let writer = try exchange.startStreaming()
                        started.raise()
                        while true {
                            try writer.write([UInt8](repeating: 0, count: 65536))
                        }
                    } catch {
                        failure.withLock { $0 = error }
                    }
                }
            ) { test in
                let stuck = try test.raw()
                try stuck.send("GET /flood HTTP/1.1\r\n\r\n")
                #expect(started.wait())
                var served = 0
                repeat {
                    #expect(try test.client().send(HTTPRequest("GET", "/"), timeout: .seconds(patience)).status == .ok)
                    served += 1
                } while failure.withLock({ $0 }) == nil && served < 100_000
                #expect(failure.withLock { $0 } == .writeTimedOut)
                // What was written before is there, and then the connection is closed.
                #expect(try !stuck.readToEnd().hasSuffix("0\r\n\r\n"))
            }
        }

        @Test func noticesThatTheClientHasGone() throws {
            let events = Mutex<[HTTPExchange.Event]>([])
            let pair = try WakeSignal()
            let mayLeave = Signal()
            try TestServer.with(handler: { exchange in
                let present = exchange.isClientGone
                let first = exchange.wait(for: pair.descriptor)
                let second = exchange.wait(timeout: .milliseconds(1))
                mayLeave.raise()
                let third = exchange.wait()
                #expect(!present && exchange.isClientGone)
                events.withLock { $0 = [first, second, third] }
            }) { test in
                var raw: RawConnection? = try test.raw()
                try raw?.send("GET / HTTP/1.1\r\n\r\n")
                pair.raise()
                #expect(mayLeave.wait())
                raw = nil
                #expect(eventually { !events.withLock { $0.isEmpty } })
                #expect(events.withLock { $0 } == [.readable, .timedOut, .clientGone])
            }
        }
    }
}
