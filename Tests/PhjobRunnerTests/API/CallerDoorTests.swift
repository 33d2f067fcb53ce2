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

@Suite("Who gets a connection")
struct CallerDoorTests {
    /// A machine with one account, whose directory service may be down.
    private final class Users: UserDirectory {
        let isDown = Mutex(false)
        let lookUps = Mutex(0)

        func account(uid: UInt32) throws(AccountLookupError) -> UserAccount? {
            lookUps.withLock { $0 += 1 }
            if isDown.withLock(\.self) { throw AccountLookupError("uid \(uid)", number: 2) }
            return uid == 1000 ? UserAccount(name: "ana", uid: 1000, gid: 100, home: "/") : nil
        }
        func groupIDs(of account: UserAccount) -> Set<UInt32> { [account.gid] }
        func groupID(named name: String) -> UInt32? { nil }
    }

    private static func isRefused(_ admission: HTTPAdmission) -> Bool {
        if case .refused(let response) = admission { response.status == .forbidden } else { false }
    }

    @Test("A uid without an account gets none, and is looked up once")
    func strangers() async throws {
        try await withWorld { world in
            let users = Users()
            let runner = try world.start(mode: .system, users: users)
            defer { runner.kill() }
            let door = CallerDoor(owner: nil, supervisor: runner.supervisor)
            #expect(door.admit(uid: 0) == .accepted(peer: 0, isPrivileged: true))
            for uid in [65534, 65535, UInt32.max] { #expect(Self.isRefused(door.admit(uid: uid))) }
            #expect(users.lookUps.withLock(\.self) == 0)

            #expect(door.admit(uid: 1000) == .unidentified(peer: 1000))
            #expect(door.identify(1000) == .accepted(peer: 1000))
            #expect(door.admit(uid: 1000) == .accepted(peer: 1000))
            #expect(door.admit(uid: 100_005) == .unidentified(peer: 100_005))
            #expect(Self.isRefused(door.identify(100_005)) && Self.isRefused(door.admit(uid: 100_005)))
            #expect(users.lookUps.withLock(\.self) == 2)

            // That nothing is known is no refusal, and is not remembered.
            users.isDown.withLock { $0 = true }
            #expect(door.admit(uid: 1001) == .unidentified(peer: 1001))
            #expect(door.identify(1001) == .unidentified(peer: 1001))
            #expect(door.admit(uid: 1001) == .unidentified(peer: 1001))
            // Who was known before still has their own connections.
            #expect(door.admit(uid: 1000) == .accepted(peer: 1000))
            users.isDown.withLock { $0 = false }
            #expect(Self.isRefused(door.identify(1001)))
        }
    }

    @Test("A personal runner lets in its owner and root, and no other uid")
    func personal() async throws {
        try await withRunner { runner in
            let owner = JobSpec.User(name: "ana", uid: 1000, gid: 100)
            let door = CallerDoor(owner: owner, supervisor: runner.supervisor)
            for uid in [UInt32(0), 1000] {
                #expect(door.admit(uid: uid) == .accepted(peer: UInt64(uid), isPrivileged: true))
            }
            for uid in [UInt32(1), 999, 1001, 65534, 65535, 100_000, .max] {
                #expect(Self.isRefused(door.admit(uid: uid)), "uid \(uid)")
            }
        }
    }

    @Test(
        "Also if the mode of its socket lets everybody connect",
        .enabled(if: HostProcess.isRoot, "becoming another user needs root"))
    func openSocket() async throws {
        try await withAPI { api in
            chmod(api.socketPath, 0o666)
            chmod(api.runner.world.directory.path, 0o755)
            let socket = try EffectiveUser.with(65534) { try UnixSocket.connect(to: api.socketPath) }
            let text = String(decoding: try socket.readAll(limit: 1 << 20), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 403 ") && text.contains("this runner belongs to"), "\(text)")
            #expect(try api.client.status().pid == getpid())
        }
    }

    @Test("The catalogue's numbers of connections hold when it is read again")
    func reloaded() async throws {
        try await withRunnerProcess { world, start in
            let runner = try start()
            var options = WorldOptions()
            options.limits = #", "connections": 8"#
            try world.write(options)
            try blockUntil("it is read") { world.text("runner.log").contains("catalogue-read") }
            func served() throws -> Int {
                let sockets = try (0..<20).map { _ in try UnixSocket.connect(to: runner.socketPath) }
                for socket in sockets { try socket.write(Array("GET /v1/runner HTTP/1.1\r\n\r\n".utf8)) }
                return try sockets.count { socket in
                    var start = [UInt8](repeating: 0, count: 12)
                    _ = try Poll.readable([socket.number], until: .now.adding(seconds: patience))
                    let count = recv(socket.number, &start, start.count, Int32(MSG_WAITALL))
                    return String(decoding: start[..<max(0, count)], as: UTF8.self) == "HTTP/1.1 200"
                }
            }
            // The log's line comes first, and connections of the requests before may still be there.
            try blockUntil("the bound holds") { try served() == 8 }
        }
    }
}
