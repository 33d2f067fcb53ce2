import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobHTTP
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

@Suite("Waiting and following over a socket")
struct WaitingTests {
    private static func submit(_ api: LiveAPI, _ command: String) throws -> JobID {
        let environment = ["T": api.runner.world.directory.path]
        return try api.client.submit(JobSubmission(command: command, environment: environment)).id
    }

    @Test("Waiting for all, for any, and with a bound")
    func wait() async throws {
        try await withAPI { api in
            let client = api.client
            let (first, second) = (
                try Self.submit(api, QueueTests.until("a") + "; exit 1"), try Self.submit(api, QueueTests.until("b"))
            )
            let both = [first.text, second.text]
            let timedOut = try client.wait(both, timeout: 0)
            #expect(timedOut.timedOut && timedOut.items.map(\.id) == [first, second])
            let (any, all) = (
                Waiter { try client.wait(both, any: true) }, Waiter { try client.wait(both, timeout: .max) }
            )
            try api.runner.world.directory.write("", to: "a")
            let one = try any.get()
            #expect(one.items.map(\.phase.isFinal) == [true, false] && one.items[0].exitCode == 1 && !one.timedOut)
            #expect(!all.isThere)
            try api.runner.world.directory.write("", to: "b")
            #expect(try all.get().items.map(\.phase) == [.failed, .succeeded])
            // What has ended is answered at once.
            #expect(try client.wait(["@"]).items.map(\.phase) == [.succeeded])
        }
    }

    @Test("Changes are told as they come")
    func changes() async throws {
        try await withAPI { api in
            let before = try api.client.jobs(JobFilter()).revision
            let change = Waiter { try api.client.waitForChange(since: before) }
            let id = try Self.submit(api, "true")
            #expect(try change.get().revision != before)
            try api.runner.waitForEnd(id)
            let after = try api.client.jobs(JobFilter()).revision
            #expect(try api.client.waitForChange(since: after + 1).revision == after)
        }
    }

    @Test("Following shows lines as they are printed, and ends with the job", arguments: EngineName.allCases)
    func follow(_ engine: EngineName) async throws {
        try await withAPI(.on(engine)) { api in
            // Begun while the job is still prepared: what it prints later comes live all the same.
            let gate = api.runner.world.engine.makeGate("run")
            try api.runner.world.engine.once("run", "gate run")
            let id = try Self.submit(api, "echo first; \(QueueTests.until("go")); echo second; printf end")
            try gate.awaitCall()
            let seen = Mutex("")
            var options = LogOptions()
            options.follow = true
            let wanted = options
            let follower = Waiter {
                try api.client.log(id.text, wanted) { bytes in
                    seen.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
                }
            }
            let opened = try gate.open()
            try blockUntil("the first line") { seen.withLock { $0 == "first\n" } }
            // While one follows, others read.
            #expect(try api.log(id) == "first\n")
            let second = Waiter { try api.log(id, wanted) }
            #expect(!follower.isThere)
            try api.runner.world.directory.write("", to: "go")
            #expect(try follower.get() == nil)
            #expect(seen.withLock(\.self) == "first\nsecond\nend")
            #expect(try second.get() == "first\nsecond\nend")
            #expect(try api.log(id) == "first\nsecond\nend")
            withExtendedLifetime(opened) {}
        }
    }

    @Test("The log is whole as soon as the job has ended, also its tail", arguments: EngineName.allCases)
    func endOfLog(_ engine: EngineName) async throws {
        try await withAPI(.on(engine)) { api in
            let gate = api.runner.world.engine.makeGate("logs")
            try api.runner.world.engine.once("logs", "gate logs")
            let id = try Self.submit(api, "for i in 1 2 3 4 5; do echo $i; done")
            _ = try api.client.wait([id.text])
            var options = LogOptions()
            options.tail = 2
            let tail = options
            let (all, last) = (Waiter { try api.log(id) }, Waiter { try api.log(id, tail) })
            let opened = try gate.open()
            #expect(try all.get() == "1\n2\n3\n4\n5\n")
            #expect(try last.get() == "4\n5\n")
            withExtendedLifetime(opened) {}
        }
    }

    @Test("A client of the engine that follows for ever holds up neither the end nor other readers")
    func hungFollower() async throws {
        try await withAPI(.on(.docker)) { api in
            try api.runner.world.engine.rule("logs", "if [ -n \"$follow\" ]; then exec sleep 1000; fi")
            let id = try Self.submit(api, "\(QueueTests.until("go")); echo end")
            try api.runner.wait(id, for: .running)
            var options = LogOptions()
            options.follow = true
            let wanted = options
            let follower = Waiter { try api.log(id, wanted) }
            try blockUntil("the engine is followed") { api.runner.world.engine.calls(of: "logs") > 0 }
            try api.runner.world.directory.write("", to: "go")
            #expect(try follower.get() == "end\n")
        }
    }

    @Test("An expired log is gone, and says so")
    func expired() async throws {
        try await withAPI(WorldOptions(retention: 0)) { api in
            let id = try Self.submit(api, "echo x")
            try api.runner.wait(id, "the log's end") { $0.log.state == .expired }
            #expect { try api.log(id) } throws: {
                let error = $0 as? PhjobError
                return error?.code == .expired && error?.hint?.contains("rerun") == true
            }
        }
    }

    @Test("Clients that go away or read nothing delay nobody")
    func badClients() async throws {
        try await withAPI { api in
            let world = api.runner.world
            let id = try Self.submit(api, "yes 0123456789abcdef | head -c 4000000; \(QueueTests.until("go"))")
            try api.runner.wait(id, for: .running)
            let targets = [
                "/v1/jobs/\(id)/logs?follow=1", "/v1/wait?job=\(id)", "/v1/changes?since=\(UInt64.max)", "/v1/jobs",
            ]
            var silent: [Descriptor] = []
            for target in targets {
                for isSilent in [true, false] {
                    let socket = try UnixSocket.connect(to: api.socketPath)
                    try socket.write(Array("GET \(target) HTTP/1.1\r\nHost: phjob\r\n\r\n".utf8))
                    // The others are closed by going out of scope, with the answer unread.
                    if isSilent { silent.append(socket) }
                }
            }
            // Half a request, and none at all.
            for text in ["POST /v1/jobs HTTP/1.1\r\nContent-Length: 100\r\n\r\n{", ""] {
                let socket = try UnixSocket.connect(to: api.socketPath)
                try socket.write(Array(text.utf8))
                silent.append(socket)
            }
            let other = try Self.submit(api, "exit 4")
            #expect(try api.client.wait([other.text]).items.first?.exitCode == 4)
            try world.directory.write("", to: "go")
            #expect(try api.client.wait([id.text]).items.first?.phase == .succeeded)
            withExtendedLifetime(silent) {}
        }
    }

    @Test("When the server stops, who waits is told")
    func stopping() async throws {
        try await withRunner { runner in
            let api = try LiveAPI(runner)
            let id = try Self.submit(api, QueueTests.until("go"))
            try runner.wait(id, for: .running)
            let waiter = Waiter { try api.client.wait([id.text]) }
            var options = LogOptions()
            options.follow = true
            let wanted = options
            let follower = Waiter { try api.log(id, wanted) }
            try blockUntil("both are served") { runner.supervisor.watchers.count == 2 }
            try api.end()
            #expect { try waiter.get() } throws: { ($0 as? PhjobError)?.code == .unavailable }
            #expect { try follower.get() } throws: { ($0 as? PhjobError)?.code == .unavailable }
            #expect(throws: (any Error).self) { try api.client.status() }
            #expect(try runner.view(id).phase == .running)
            try runner.world.directory.write("", to: "go")
            try runner.waitForEnd(id)
        }
    }
}
