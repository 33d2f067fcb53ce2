import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

/// The socket's file comes and goes under a runner that lives.
@Suite("The socket of a runner")
struct RunnerSocketTests {
    private static func pid(at path: String) -> pid_t? { try? APIClient(socketPath: path).status().pid }

    @Test("A second runner does not take over a socket at which one serves")
    func taken() async throws {
        try await withRunnerProcess { world, start in
            let first = try start()
            let second = try RunnerProcess(world, state: world.directory("other-state"))
            defer { _ = try? second.end(SIGKILL) }
            try blockUntil("the second has ended") { second.exitCode != nil }
            #expect(second.exitCode == 1)
            #expect(world.text("runner.log").contains("another program serves at \(first.socketPath)"))
            #expect(try first.client.status().pid == first.pid)
        }
    }

    @Test("A socket that was removed comes back")
    func removed() async throws {
        try await withRunnerProcess { world, start in
            let runner = try start()
            for _ in 1...3 {
                try #require(unlink(runner.socketPath) == 0)
                try blockUntil("it is there again") { Self.pid(at: runner.socketPath) == runner.pid }
            }
            #expect(world.directory.mode("socket") == 0o600)
            #expect(try runner.end() == 0)
            #expect(world.directory.status("socket") == nil)
        }
    }

    @Test("A personal runner whose directory was removed serves in its state directory until there is one again")
    func loggedOut() async throws {
        try await withWorld { world in
            try Directory.create(world.directory("run/1000"))
            let runner = try RunnerProcess.start(world, socket: "run/1000/phjob.sock")
            defer { _ = try? runner.end(SIGKILL) }
            let lock = StateLayout(root: world.statePath).lock
            func place() -> String? {
                guard let text = try? Descriptor(opening: lock, flags: O_RDONLY).readAll(limit: 1 << 16) else {
                    return nil
                }
                return try? JSONBody.decode([String: JSONValue].self, from: text)["socket"].map { "\($0)" }
            }
            for round in 1...2 {
                // At once: a socket that is removed first is made again before its directory can be.
                try #require(rename(world.directory("run/1000"), world.directory("gone-\(round)")) == 0)
                let spare = "\(world.statePath)/phjob.sock"
                try blockUntil("it serves in its state directory") { Self.pid(at: spare) == runner.pid }
                try blockUntil("the lock file says so") { place()?.contains(spare) == true }
                try Directory.create(world.directory("run/1000"))
                try blockUntil("it serves where it did") { Self.pid(at: runner.socketPath) == runner.pid }
                try blockUntil("the lock file says so") { place()?.contains(runner.socketPath) == true }
                #expect(access(spare, F_OK) != 0)
            }
            #expect(try runner.end() == 0)
        }
    }

    @Test("A runner for everybody makes its directory again")
    func directoryOfAService() async throws {
        guard HostProcess.isRoot else { return }
        var options = WorldOptions()
        options.parent = "/var/lib"
        try await withWorld(options) { world in
            chmod(world.directory.path, 0o755)
            let runner = try RunnerProcess.start(world, socket: "run/phjob.sock", servesEverybody: true)
            defer { _ = try? runner.end(SIGKILL) }
            try #require(unlink(runner.socketPath) == 0)
            try blockUntil("the socket is there again") { Self.pid(at: runner.socketPath) == runner.pid }
            try #require(unlink(runner.socketPath) == 0)
            rmdir(world.directory("run"))
            try blockUntil("both are there again") { Self.pid(at: runner.socketPath) == runner.pid }
            #expect(world.directory.mode("run") == 0o755 && world.directory.mode("run/phjob.sock") == 0o666)
        }
    }

    @Test("A directory that everybody can write to is refused in personal mode")
    func unsafeDirectory() async throws {
        try await withWorld { world in
            try Directory.create(world.directory("open"))
            chmod(world.directory("open"), 0o777)
            let runner = try RunnerProcess(world, socket: "open/phjob.sock")
            defer { _ = try? runner.end(SIGKILL) }
            try blockUntil("it has ended") { runner.exitCode != nil }
            #expect(runner.exitCode == 1 && world.text("runner.log").contains("can be written by everybody"))
        }
    }
}
