import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("What the catalogue withdraws while a job waits")
struct WithdrawalTests {
    /// A machine with one ordinary person.
    private struct People: UserDirectory {
        static let alice = JobSpec.User(name: "alice", uid: 4242, gid: 4242)

        func account(uid: UInt32) -> UserAccount? {
            uid == Self.alice.uid ? UserAccount(name: "alice", uid: uid, gid: Self.alice.gid, home: "/") : nil
        }
        func groupIDs(of account: UserAccount) -> Set<UInt32> { [account.gid] }
        func groupID(named name: String) -> UInt32? { nil }
    }

    private static let root = World.caller("root2", isAdministrator: true)

    /// The world's catalogue with a dataset for its group.
    private static func catalogue(_ world: World) throws -> Catalogue {
        let path = world.directory("data")
        try Directory.create(path)
        let datasets =
            #""datasets": [{"name": "data", "path": "\#(path)", "writable": true, "global": false, "groups": ["lab"]}]"#
        let text = try world.directory.text("catalogue.json").replacing(
            "\"defaults\":", with: "\(datasets), \"defaults\":")
        try world.directory.write(text, to: "catalogue.json")
        return try CatalogueFile.load(world.cataloguePath)
    }

    /// Runs `body` with a runner that serves everybody. It mounts only from where nobody but root can change the way.
    private static func withSystemRunner(_ body: @escaping @Sendable (LiveRunner) throws -> Void) async throws {
        var options = WorldOptions()
        options.parent = "/var/lib"
        try await withWorld(options) { world in
            let runner = try world.start(people: People())
            defer { runner.kill() }
            try body(runner)
        }
    }

    private static func submit(_ runner: LiveRunner, image: String = "minimal") throws -> JobID {
        try runner.submit("echo ran >>$T/ran", image: image, caller: Caller(user: People.alice))
    }

    @Test(
        "What a waiting job would get and its group has no right to any more ends it; what only changed does not",
        .enabled(if: HostProcess.isRoot, "only root can serve everybody"))
    func whileItWaits() async throws {
        try await Self.withSystemRunner { runner in
            let catalogue = try Self.catalogue(runner.world)
            runner.supervisor.use(catalogue)
            try runner.supervisor.drain(reason: "test", caller: Self.root)
            let id = try Self.submit(runner)
            var less = catalogue
            less.datasets[0].writable = false
            runner.supervisor.use(less)
            try runner.supervisor.resume(caller: Self.root)
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.reason) == (.failed, .notPermitted))
            #expect(view.message == "the dataset 'data' may not be written to any more")
            #expect(runner.world.text("ran").isEmpty && runner.world.engine.calls(of: "run") == 0)

            try runner.supervisor.drain(reason: "test", caller: Self.root)
            let other = try Self.submit(runner)
            var changed = less
            changed.datasets[0].displayName = "new"
            changed.instanceTypes[0].memoryLimit = MemorySize(bytes: 1 << 30)
            runner.supervisor.use(changed)
            try runner.supervisor.resume(caller: Self.root)
            #expect(try runner.waitForEnd(other).phase == .succeeded)
            #expect(try runner.view(other).instanceType.memoryLimitBytes == 64 << 20)
            #expect(runner.world.text("ran") == "ran\n")
        }
    }

    @Test(
        "What is withdrawn while its image is pulled ends it too",
        .enabled(if: HostProcess.isRoot, "only root can serve everybody"))
    func whileItIsPrepared() async throws {
        try await Self.withSystemRunner { runner in
            let gate = runner.world.engine.makeGate("pull")
            try runner.world.engine.rule("pull", "gate pull")
            let id = try Self.submit(runner, image: "remote")
            try gate.awaitCall()
            var catalogue = try CatalogueFile.load(runner.world.cataloguePath)
            catalogue.groups[0].volume = nil
            runner.supervisor.use(catalogue)
            let opened = try gate.open()
            let view = try runner.waitForEnd(id)
            withExtendedLifetime(opened) {}
            #expect((view.phase, view.reason) == (.failed, .notPermitted))
            #expect(view.message == "\(runner.world.directory("volume")) is not the volume of group 'lab' any more")
            #expect(runner.world.engine.calls(of: "run") == 0)
        }
    }

    @Test("On one's own runner a job begins as it was submitted") func personal() async throws {
        try await withRunner { runner in
            let catalogue = try Self.catalogue(runner.world)
            runner.supervisor.use(catalogue)
            try runner.supervisor.drain(reason: "test", caller: Self.root)
            let id = try runner.submit("echo ran >>$T/ran")
            var less = catalogue
            less.datasets = []
            runner.supervisor.use(less)
            try runner.supervisor.resume(caller: Self.root)
            #expect(try runner.waitForEnd(id).phase == .succeeded)
        }
    }
}
