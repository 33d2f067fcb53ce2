import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("Images")
struct ImageTests {
    private static let reference = "registry.test/remote:latest"

    @Test("An image that is never to be pulled and is not there fails the job", arguments: EngineName.allCases)
    func never(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            runner.world.engine.removeImage("localhost/minimal:latest")
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect((view.phase, view.reason) == (.failed, .imageUnavailable))
            #expect(view.message.contains("localhost/minimal:latest") && view.message.contains("never to pull"))
            #expect(view.startTime == nil && view.exitCode == nil)
            #expect(runner.world.engine.calls(of: "pull") == 0)
        }
    }

    @Test("A missing image is pulled once, with progress in view and log", arguments: EngineName.allCases)
    func missing(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let gate = runner.world.engine.makeGate("pull")
            try runner.world.engine.rule(
                "pull", "echo 'Copying blob 1 of 2' >&2; gate pull; echo 'Copying blob 2 of 2'")
            let id = try runner.submit("echo output", image: "remote")
            let view = try runner.wait(id, "progress") { $0.message.contains("Copying blob 1 of 2") }
            #expect((view.phase, view.reason) == (.preparing, .preparingImage))
            #expect(view.log.state == .growing)
            #expect(try runner.logText(id).contains("phjob: pull: Copying blob 1 of 2\n"))
            let opened = try gate.open()
            let end = try runner.waitForEnd(id)
            withExtendedLifetime(opened) {}
            #expect(end.phase == .succeeded)
            let log = try runner.logText(id)
            #expect(log.hasPrefix("phjob: pulling the image \(Self.reference)\n"))
            #expect(log.contains("phjob: pull: Copying blob 2 of 2\n") && log.hasSuffix("output\n"))
            #expect(try runner.waitForEnd(runner.submit("true", image: "remote")).phase == .succeeded)
            #expect(runner.world.engine.calls(of: "pull") == 1)
        }
    }

    @Test(
        "What a reference stands for is asked again only after the engine's images have changed",
        arguments: EngineName.allCases)
    func resolvedOnce(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            func run() throws -> Int {
                #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded)
                return runner.world.engine.calls(of: "image-inspect")
            }
            // As long as there is no list to look at, it is asked for every job.
            let first = try run()
            #expect(try run() == first + 1)
            try runner.world.engine.changeImageList()
            #expect(try run() == first + 2)
            #expect(try run() == first + 2)
            try runner.world.engine.addImage("localhost/minimal:latest", id: String(repeating: "cd", count: 32))
            try runner.world.engine.changeImageList()
            let id = try runner.submit("true")
            #expect(try runner.waitForEnd(id).phase == .succeeded)
            #expect(runner.world.engine.calls(of: "image-inspect") == first + 3)
            #expect(try runner.store.load(id).job.image?.id == String(repeating: "cd", count: 32))
        }
    }

    @Test("With the policy 'always' each job pulls")
    func always() async throws {
        try await withRunner { runner in
            for _ in 0..<2 {
                let view = try runner.waitForEnd(runner.submit("true", image: "fresh"))
                #expect(view.phase == .succeeded)
            }
            #expect(runner.world.engine.calls(of: "pull") == 2)
        }
    }

    @Test("A refused pull fails the job in the engine's own words", arguments: EngineName.allCases)
    func refused(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.rule(
                "pull", "echo 'Error: requested access to the resource is denied' >&2; exit 125")
            let id = try runner.submit("true", image: "remote")
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.reason) == (.failed, .imageUnavailable))
            #expect(view.message.contains(Self.reference) && view.message.contains("access to the resource is denied"))
            #expect(try runner.logText(id).contains("access to the resource is denied"))
        }
    }

    @Test("An engine that goes away during a pull fails nothing; the pull is repeated")
    func engineAway() async throws {
        try await withRunner(.on(.docker)) { runner in
            let engine = runner.world.engine
            // The daemon goes away while it pulls, and comes back when it has been missed.
            try engine.once(
                "pull",
                "printf '%s\\n' \"echo no daemon >&2; exit 1\" >\"$root/rules/any\"; echo 'unexpected EOF' >&2; exit 1")
            let id = try runner.submit("true", image: "remote")
            try runner.wait(id, "the wait for the engine") { $0.message.contains("waits for the container engine") }
            #expect(try runner.view(id).phase == .preparing)
            engine.removeRule("any")
            #expect(try runner.waitForEnd(id).phase == .succeeded)
        }
    }

    @Test("A pull that hangs holds up nobody else")
    func hungPull() async throws {
        try await withRunner(WorldOptions(cpus: 3)) { runner in
            let gate = runner.world.engine.makeGate("pull")
            try runner.world.engine.rule("pull", "gate pull")
            let hung = try runner.submit("true", image: "remote")
            try gate.awaitCall()
            for _ in 0..<6 { #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded) }
            #expect(try runner.view(hung).phase == .preparing)
            let opened = try gate.open()
            #expect(try runner.waitForEnd(hung).phase == .succeeded)
            withExtendedLifetime(opened) {}
        }
    }

    @Test("Reading one image's accounts holds up no job of another image")
    func hungAccounts() async throws {
        try await withRunner { runner in
            try runner.world.engine.addImage("registry.test/remote:latest", id: String(repeating: "cd", count: 32))
            let gate = runner.world.engine.makeGate("create")
            try runner.world.engine.once("create", "gate create")
            let hung = try runner.submit("true", image: "remote")
            try gate.awaitCall()
            #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded)
            #expect(try runner.view(hung).phase == .preparing)
            let opened = try gate.open()
            #expect(try runner.waitForEnd(hung).phase == .succeeded)
            withExtendedLifetime(opened) {}
        }
    }

    @Test("The digest that ran is recorded")
    func digest() async throws {
        try await withRunner { runner in
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect(view.imageDigest == "sha256:" + String(repeating: "ab", count: 32))
        }
    }

    @Test("What an image has in the place of its accounts does no harm, not even a tree")
    func directoryAsAccounts() async throws {
        try await withRunner { runner in
            let directory = runner.world.directory
            try #require(unlink(directory("engine/files/%etc%passwd")) == 0)
            try Directory.create(directory("engine/files/%etc%passwd/deep/deeper"))
            try directory.write("x", to: "engine/files/%etc%passwd/deep/deeper/file")
            let view = try runner.waitForEnd(runner.submit("exit 3"))
            #expect((view.phase, view.exitCode) == (.failed, 3))
            #expect(runner.world.engine.calls(of: "cp") == 3)
        }
    }

    @Test("An image that could not be read is read again by the next job", arguments: EngineName.allCases)
    func unreadOnce(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.rule("cp", "echo 'Error: write /x: broken pipe' >&2; exit 1")
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect((view.phase, view.reason) == (.failed, .containerFailed))
            #expect(view.message.contains("cannot be read: Error: write /x: broken pipe"), "\(view.message)")
            runner.world.engine.removeRule("cp")
            #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded)
        }
    }

    @Test("That an image has no shell is found out again for each job", arguments: EngineName.allCases)
    func noShell(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try #require(unlink(runner.world.directory("engine/files/%bin%sh")) == 0)
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect((view.phase, view.reason) == (.failed, .containerFailed))
            #expect(view.message.contains("has no /bin/sh"))
            try runner.world.directory.write("#!\n", to: "engine/files/%bin%sh")
            #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded)
        }
    }

    @Test("Accounts that are too large to be read fail the job, and say so")
    func largeAccounts() async throws {
        try await withRunner { runner in
            let lines = String(repeating: "a:x:1000:1000::/:/bin/sh\n", count: 200_000)
            try runner.world.directory.write(lines, to: "engine/files/%etc%passwd")
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect((view.phase, view.reason) == (.failed, .containerFailed))
            #expect(view.message.contains("the image's /etc/passwd is larger than 4M"), "\(view.message)")
        }
    }

    @Test("A disk that is full during a pull is waited for")
    func noSpaceForAPull() async throws {
        try await withRunner { runner in
            try runner.world.engine.rule("pull", "echo 'Error: write /x: no space left on device' >&2; exit 125")
            let id = try runner.submit("exit 4", image: "remote")
            let view = try runner.wait(id, "the wait for space") {
                $0.message.contains("a disk of the container engine")
            }
            #expect(view.phase == .preparing)
            runner.world.engine.removeRule("pull")
            #expect(try runner.waitForEnd(id).exitCode == 4)
        }
    }

    @Test("An engine that cannot say whether it has an image fails the job in its own words, and pulls nothing")
    func damagedStore() async throws {
        try await withRunner { runner in
            try runner.world.engine.rule("image-inspect", "echo 'Error: open /x: layer not known' >&2; exit 125")
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect((view.phase, view.reason) == (.failed, .imageUnavailable))
            #expect(
                view.message.contains("cannot say whether it has the image") && view.message.contains("layer not known")
            )
            #expect(runner.world.engine.calls(of: "pull") == 0)
        }
    }

    @Test("An image for other processors fails before its container is made", arguments: EngineName.allCases)
    func foreignArchitecture(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            try runner.world.engine.rule("image-inspect", "FORCE_ARCHITECTURE=loong64")
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect((view.phase, view.reason) == (.failed, .containerFailed))
            #expect(view.message.contains("the image is for loong64 processors"), "\(view.message)")
            #expect(runner.world.engine.calls(of: "create") == 0 && runner.world.engine.calls(of: "run") == 0)
        }
    }
}
