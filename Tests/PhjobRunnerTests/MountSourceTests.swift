import Dispatch
import Foundation
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

/// Volumes and datasets that are away.
@Suite(.timeLimit(.minutes(10))) struct MountSourceTests {
    /// A look that blocks as long as the gate is closed, as stat(2) does whose file server is away.
    private final class Gate: Sendable {
        let isClosed = Mutex(false)
        let looks = Mutex(0)
        let wakeup = DispatchSemaphore(value: 0)

        func pass() {
            looks.withLock { $0 += 1 }
            guard isClosed.withLock(\.self) else { return }
            wakeup.wait()
            wakeup.signal()
        }

        func open() {
            isClosed.withLock { $0 = false }
            wakeup.signal()
        }
    }

    private static func sources(_ world: World, _ gate: Gate) -> MountSources {
        MountSources(limit: 0.3) { source in
            if source.path == world.directory("volume") { gate.pass() }
            return source.look(stateDirectory: world.statePath, mode: .personal)
        }
    }

    /// Jobs of its group wait without taking anything; a submission is answered; all others go on.
    @Test func aVolumeThatDoesNotAnswer() async throws {
        try await withWorld { world in
            let gate = Gate()
            let runner = try world.start(mountSources: Self.sources(world, gate), sourceInterval: 0.1)
            defer { runner.kill() }
            gate.isClosed.withLock { $0 = true }
            let ids = try (0..<8).map { _ in try runner.submit("true") }
            for id in ids {
                let view = try runner.wait(id, "it waits for its volume") { $0.reason == .waitingForStorage }
                #expect(view.phase == .pending)
                #expect(view.message == "waits: the volume of group 'lab' does not answer")
            }
            // All CPUs are free for others.
            let other = JobSubmission(groupName: "other", instanceType: "cpu-4", command: "true")
            let ready = try runner.supervisor.submit(other, caller: World.caller("carol")).id
            #expect(try runner.waitForEnd(ready).phase == .succeeded)
            #expect(gate.looks.withLock(\.self) == 1)
            gate.open()
            for id in ids { #expect(try runner.waitForEnd(id).phase == .succeeded) }
        }
    }

    /// It goes away after the submission: the job waits all the same, and a caller that has gone gets no job.
    @Test func aVolumeThatGoesAwayWhileJobsWait() async throws {
        try await withWorld { world in
            let gate = Gate()
            let runner = try world.start(mountSources: Self.sources(world, gate), sourceInterval: 0.1)
            defer { runner.kill() }
            let caller = World.caller("root", isAdministrator: true)
            try runner.supervisor.drain(reason: "test", caller: caller)
            let id = try runner.submit("true")
            gate.isClosed.withLock { $0 = true }
            let submission = JobSubmission(instanceType: "cpu-1", command: "true")
            #expect(throws: PhjobError.self) {
                try runner.supervisor.submit(submission, caller: World.alice) { false }
            }
            #expect(runner.supervisor.state.withLock { $0.table.summaries.count } == 1)
            try runner.supervisor.resume(caller: caller)
            try runner.wait(id, "it waits for its volume") { $0.reason == .waitingForStorage }
            gate.open()
            #expect(try runner.waitForEnd(id).phase == .succeeded)
        }
    }

    @Test(.enabled(if: HostProcess.isRoot, "mounting needs root"))
    func aVolumeThatMustBeMounted() async throws {
        var options = WorldOptions()
        options.lab = #", "mustBeMounted": true"#
        try await withWorld(options) { world in
            let runner = try world.start(sourceInterval: 0.1)
            defer { runner.kill() }
            let volume = world.directory("volume")
            let id = try runner.submit("true")
            let view = try runner.wait(id, "it waits for its volume") { $0.reason == .waitingForStorage }
            #expect(view.message == "waits: the volume of group 'lab', \(volume), is not mounted")
            try #require(try HostProcess.shell("mount -t tmpfs phjob-test \(volume)").isSuccess)
            defer { umount2(volume, Int32(MNT_DETACH)) }
            #expect(try runner.waitForEnd(id).phase == .succeeded)
        }
    }

    fileprivate static func look(_ path: String, mustBeMounted: Bool = false) -> MountSource.State {
        MountSource(name: "the dataset 'd'", path: path, mustBeMounted: mustBeMounted).look(
            stateDirectory: "/state", mode: .personal)
    }

    /// The words about one that can be of no use; empty if it can.
    fileprivate static func refusal(_ path: String) -> String {
        if case .unusable(let error) = look(path) { error.message } else { "" }
    }

    @Test func whatALookSays() throws {
        let directory = try TemporaryDirectory()
        let (file, missing) = (try directory.write("", to: "file"), directory("none"))
        symlink(directory.path, directory("link"))
        #expect(Self.look(directory("link")) == .usable(realPath: directory.path))
        #expect(
            Self.refusal(missing) == "the dataset 'd', \(missing), cannot be used: no such file or directory")
        #expect(Self.refusal(file) == "the dataset 'd', \(file), is not a directory")
        #expect(Self.refusal("/etc") == "the dataset 'd', /etc, would show /etc to jobs")
        #expect(
            Self.look(directory.path, mustBeMounted: true)
                == .away("the dataset 'd', \(directory.path), is not mounted"))
        #expect(Self.look(missing, mustBeMounted: true) == .away("the dataset 'd', \(missing), is not mounted"))
    }

    /// Where root itself is kept out, by a file server's root_squash for one, the words say so.
    @Test(.enabled(if: HostProcess.isRoot, "becoming another user needs root"))
    func aDirectoryThatMayNotBeEntered() async throws {
        let directory = try TemporaryDirectory()
        try Directory.create(directory("closed/volume"))
        let path = directory("closed/volume")
        await #expect(processExitsWith: .success) { [path = path as String] in
            try #require(setgid(65534) == 0 && setuid(65534) == 0)
            let words = MountSourceTests.refusal(path)
            #expect(words == "the dataset 'd', \(path), cannot be used: permission denied")
        }
        #expect(HostDirectory.advice(EACCES)?.contains("root_squash") == true)
        #expect(HostDirectory.advice(ENOENT) == nil)
        #expect(HostDirectory.isPassing(ESTALE) && HostDirectory.isPassing(ENOTCONN))
        #expect(!HostDirectory.isPassing(ENOENT))
    }
}
