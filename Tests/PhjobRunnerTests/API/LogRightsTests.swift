import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobHTTP
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

@Suite("Whoever loses the right to a log gets no more of it")
struct LogRightsTests {
    /// A machine on which whoever calls is `dora`, who may leave the Unix group `lab`.
    private final class Users: UserDirectory {
        private let isMember = Mutex(true)

        func account(uid: UInt32) -> UserAccount? { UserAccount(name: "dora", uid: 1234, gid: 100, home: "/") }
        func groupIDs(of account: UserAccount) -> Set<UInt32> { isMember.withLock { $0 ? [2000] : [] } }
        func groupID(named name: String) -> UInt32? { name == "lab" ? 2000 : nil }
        func leave() { isMember.withLock { $0 = false } }
    }

    private static func with(
        _ engine: EngineName, _ body: @escaping @Sendable (LiveAPI, Users) throws -> Void
    ) async throws {
        var options = WorldOptions.on(engine)
        options.lab = #", "unixGroup": "lab""#
        try await withWorld(options) { world in
            let users = Users()
            let runner = try world.start(users: users)
            defer { runner.kill() }
            let api = try LiveAPI(runner, owner: nil)
            let result = Result { try body(api, users) }
            try api.end()
            try result.get()
        }
    }

    @Test("Also who reads slowly, so that there is always something left to send")
    func slowReader() async throws {
        try await Self.with(.podman) { api, users in
            let id = try api.runner.submit(
                "yes 0123456789abcdef | head -c 8000000; \(QueueTests.until("go")); echo written-afterwards")
            try api.runner.wait(id, for: .running)
            let log = api.runner.store.layout.job(id).log
            try blockUntil("the first lines") {
                try Descriptor(opening: log, flags: O_RDONLY).status().st_size > 8_000_000
            }
            let socket = try UnixSocket.connect(to: api.socketPath)
            try socket.write(Array("GET /v1/jobs/\(id)/logs?follow=1 HTTP/1.1\r\nHost: phjob\r\n\r\n".utf8))
            // The answer has begun, and is more than the kernel takes.
            #expect(try Poll.readable([socket.number], until: .now.adding(seconds: patience)) == [true])
            users.leave()
            let time = Monotonic.now
            try api.runner.world.directory.write("", to: "go")
            try api.runner.waitForEnd(id)
            // Nobody is looked up more often.
            try blockUntil("a second has passed") { Monotonic.now > time.adding(seconds: 1.1) }
            let text = String(decoding: try socket.readAll(limit: 64 << 20), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200") && text.contains("0123456789abcdef"))
            #expect(!text.contains("written-afterwards") && text.utf8.count < 4_000_000)
        }
    }

    @Test("Also before the first line, as long as the engine is waited for")
    func engineThatTakesLong() async throws {
        try await Self.with(.docker) { api, users in
            let gate = api.runner.world.engine.makeGate("logs")
            try api.runner.world.engine.once("logs", "gate logs")
            let id = try api.runner.submit("echo secret; \(QueueTests.until("go"))")
            try api.runner.wait(id, for: .running)
            let reader = Waiter { try api.request("GET", "/v1/jobs/\(id)/logs") }
            try gate.awaitCall()
            users.leave()
            let opened = try gate.open()
            let answer = try reader.get()
            #expect(answer.status == 404 && answer.error?.code == "NotFound", "\(answer)")
            withExtendedLifetime(opened) {}
            try api.runner.world.directory.write("", to: "go")
            try api.runner.waitForEnd(id)
        }
    }
}
