import Glibc
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

@Suite("Requests that go on for long")
struct StreamQuotaTests {
    @Test("Each user has a number of places, and gets each one back")
    func places() throws {
        let limit = Mutex(2)
        let quota = StreamQuota { uid in uid == 0 ? nil : limit.withLock(\.self) }
        var held = [try quota.take(1000), try quota.take(1000)]
        #expect(throws: PhjobError.self) { try quota.take(1000) }
        held += [try quota.take(1001), try quota.take(0), try quota.take(0), try quota.take(0)]
        held.removeFirst()
        held.append(try quota.take(1000))
        limit.withLock { $0 = 3 }
        held.append(try quota.take(1000))
        #expect(quota.count(of: 1000) == 3)
        let error = #expect(throws: PhjobError.self) { try quota.take(1000) }
        #expect(error?.code == .tooManyRequests && error?.retryAfter == 1)
        #expect(error?.message.contains("in 3 places at once") == true)
        held = []
        #expect([1000, 1001, 0].map { quota.count(of: $0) } == [0, 0, 0])
    }

    @Test("Reading much of a log takes a place, too, and a place is kept as long as the client reads")
    func muchOfALog() async throws {
        try await withAPI(streamLimit: 1) { api in
            let id = try api.client.submit(JobSubmission(command: "yes 0123456789abcdef | head -c 8000000")).id
            _ = try api.client.wait([id.text])
            let holder = try UnixSocket.connect(to: api.socketPath)
            try holder.write(Array("GET /v1/jobs/\(id)/logs?tail=1000000000 HTTP/1.1\r\n\r\n".utf8))
            // The answer is more than the kernel takes.
            #expect(try Poll.readable([holder.number], until: .now.adding(seconds: patience)) == [true])
            for query in ["", "?tail=1000000000", "?tail=400000", "?since=2000-01-01T00:00:00Z"] {
                let refused = try api.request("GET", "/v1/jobs/\(id)/logs\(query)")
                #expect(refused.status == 429 && refused.error?.code == "TooManyRequests", "\(query)")
            }
            // A little of it takes none, wherever it is in the log.
            for query in ["?tail=2", "?tail=2&since=2000-01-01T00:00:00Z", "?since=2200-01-01T00:00:00Z"] {
                #expect(try api.request("GET", "/v1/jobs/\(id)/logs\(query)").status == 200, "\(query)")
            }
            shutdown(holder.number, Int32(SHUT_RDWR))
            try blockUntil("the place is free") {
                try api.request("GET", "/v1/jobs/\(id)/logs?tail=400000").status == 200
            }
        }
    }

    @Test(
        "Waiting and following take a place, and reading a little does not",
        arguments: ["logs?follow=1", "wait", "changes"])
    func overTheSocket(_ endpoint: String) async throws {
        try await withAPI(streamLimit: 1) { api in
            let environment = ["T": api.runner.world.directory.path]
            let job = JobSubmission(command: "echo a; " + QueueTests.until("go"), environment: environment)
            let id = try api.client.submit(job).id
            try api.runner.wait(id, for: .running)
            try blockUntil("the first line") { try api.log(id) == "a\n" }
            let holder = try UnixSocket.connect(to: api.socketPath)
            try holder.write(Array("GET /v1/jobs/\(id)/logs?follow=1 HTTP/1.1\r\n\r\n".utf8))
            #expect(try Poll.readable([holder.number], until: .now.adding(seconds: patience)) == [true])
            let target =
                switch endpoint {
                case "wait": "/v1/wait?job=\(id)"
                case "changes": "/v1/changes?since=\(UInt64.max)"
                default: "/v1/jobs/\(id)/\(endpoint)"
                }
            let refused = try api.request("GET", target)
            #expect(refused.status == 429 && refused.error?.code == "TooManyRequests")
            #expect(refused.headers["Retry-After"] == "1")
            #expect(try api.log(id) == "a\n" && api.client.job(id.text).phase == .running)
            // The client waits until the place is free.
            let waiter = Waiter { try api.client.wait([id.text]) }
            shutdown(holder.number, Int32(SHUT_RDWR))
            try api.runner.world.directory.write("", to: "go")
            #expect(try waiter.get().items.map(\.phase) == [.succeeded])
        }
    }
}
