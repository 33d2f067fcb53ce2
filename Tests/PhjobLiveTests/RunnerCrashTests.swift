import Foundation
import PhjobAPI
import PhjobCore
import PhjobTestSupport
import Testing

/// A runner that is killed at any stage of a job costs nothing: right exit code, whole log, and the command ran once.
@Suite struct RunnerCrashTests {
    /// Leaves a mark each time it runs, prints before and after it is let go, and ends with 7.
    private static let script = """
        echo ran >>/project/lab/count
        seq 200
        while [ ! -e /project/lab/finish ]; do sleep 0.05; done
        seq 201 400
        exit 7
        """

    /// What must be true at the end, whatever has happened.
    private static func check(_ phjob: LivePhjob, _ id: JobID, reason: JobReason = .nonZeroExit, lines: Int = 400)
        throws
    {
        let job = try phjob.end(of: id)
        #expect(job.reason == reason, "\(job.message); \(phjob.runnerLog)")
        if reason == .nonZeroExit { #expect(job.exitCode == 7) }
        #expect(job.log.incomplete == nil)
        #expect(try phjob.log(id).lines == (1..<(lines + 1)).map(String.init))
        #expect(try phjob.directory.text("volume/count") == "ran\n")
        try LivePhjob.poll("no container is left") { try phjob.containers().isEmpty }
    }

    private static func with(
        _ engine: LiveEngine, _ body: @escaping @Sendable (LivePhjob, BlockingEngine) throws -> Void
    ) async throws {
        try await LivePhjob.with(engine, blocking: true) { phjob in
            let blocking = try BlockingEngine(phjob)
            defer { try? blocking.release() }
            try body(phjob, blocking)
        }
    }

    @Test(arguments: LiveEngine.all) func pending(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.node["cpus"] = .number(0.5)
        } _: { phjob in
            let first = try phjob.submit(Self.script)
            let others = try (1...3).map { try phjob.submit("echo \($0) >>/project/lab/order") }
            try phjob.wait(for: .running, of: first)
            try phjob.killRunner()
            #expect(try phjob.jobs() == (others.reversed() + [first]).map(\.text))
            #expect(try others.map { try phjob.get($0).queuePosition } == [1, 2, 3])
            try phjob.directory.write("", to: "volume/finish")
            try Self.check(phjob, first)
            for job in others { #expect(try phjob.end(of: job).phase == .succeeded) }
            #expect(try phjob.directory.text("volume/order") == "1\n2\n3\n")
        }
    }

    @Test(arguments: LiveEngine.all) func preparing(_ engine: LiveEngine) async throws {
        try await Self.with(engine) { phjob, blocking in
            try blocking.hold(.imageInspect)
            let id = try phjob.submit(Self.script)
            try blocking.waitUntilHeld()
            #expect(try phjob.get(id).phase == .preparing)
            try phjob.killRunner()
            try blocking.hold(nil)
            #expect(try phjob.get(id).phase != .pending)
            try phjob.directory.write("", to: "volume/finish")
            try Self.check(phjob, id)
        }
    }

    /// The client has been started and has not reached the engine yet: the next runner waits for it.
    @Test(arguments: LiveEngine.all) func launching(_ engine: LiveEngine) async throws {
        try await Self.with(engine) { phjob, blocking in
            try blocking.hold(.run)
            let id = try phjob.submit(Self.script)
            try blocking.waitUntilHeld()
            try phjob.killRunner()
            try blocking.hold(nil)
            #expect(try phjob.get(id).phase == .preparing)
            #expect(try phjob.containers().isEmpty)
            try blocking.release()
            try phjob.wait(for: .running, of: id)
            try phjob.directory.write("", to: "volume/finish")
            try Self.check(phjob, id)
        }
    }

    /// The container runs, and nobody has been told.
    @Test(arguments: LiveEngine.all, [true, false])
    func launched(_ engine: LiveEngine, endsMeanwhile: Bool) async throws {
        try await Self.with(engine) { phjob, blocking in
            try blocking.hold(.afterRun)
            let id = try phjob.submit(Self.script)
            try blocking.waitUntilHeld()
            try phjob.killRunner()
            if endsMeanwhile { try phjob.directory.write("", to: "volume/finish") }
            try blocking.release()
            #expect(try phjob.get(id).phase != .pending)
            try phjob.directory.write("", to: "volume/finish")
            try Self.check(phjob, id)
        }
    }

    @Test(arguments: LiveEngine.all, [true, false])
    func running(_ engine: LiveEngine, endsMeanwhile: Bool) async throws {
        try await LivePhjob.with(engine) { phjob in
            let id = try phjob.submit(Self.script)
            try phjob.wait(forOutput: "\n200\n", of: id)
            let before = try phjob.get(id)
            try phjob.killRunner()
            if endsMeanwhile {
                try phjob.directory.write("", to: "volume/finish")
                try LivePhjob.poll("the container has ended") {
                    let state = try engine.call(
                        "container", "inspect", "--format={{.State.Status}}", phjob.containerName(of: id))
                    return ["exited", "stopped"].contains(state.text.trimmingCharacters(in: .newlines))
                }
            }
            let after = try phjob.get(id)
            #expect(after.startTime == before.startTime)
            if !endsMeanwhile { #expect(after.phase == .running) }
            try phjob.directory.write("", to: "volume/finish")
            try Self.check(phjob, id)
        }
    }

    /// A cancelled job is stopped, also if who began to has gone.
    @Test(arguments: LiveEngine.all) func stopping(_ engine: LiveEngine) async throws {
        try await Self.with(engine) { phjob, blocking in
            let id = try phjob.submit(Self.script)
            try phjob.wait(forOutput: "\n200\n", of: id)
            try blocking.hold(.stop)
            try phjob("cancel", id.text)
            try blocking.waitUntilHeld()
            #expect(try phjob.get(id).phase == .running)
            try phjob.killRunner()
            try blocking.hold(nil)
            try Self.check(phjob, id, reason: .cancelledByUser, lines: 200)
        }
    }

    /// The job has ended, and its end has not been read, its log not fetched, or its container not removed.
    @Test(arguments: LiveEngine.all, [BlockingEngine.Place.containerInspect, .logs, .remove])
    func ended(_ engine: LiveEngine, _ place: BlockingEngine.Place) async throws {
        // podman's monitor writes the log itself, and the exit code.
        if engine == .podman, place != .remove { return }
        try await Self.with(engine) { phjob, blocking in
            let id = try phjob.submit(Self.script)
            try phjob.wait(forOutput: "\n200\n", of: id)
            try blocking.hold(place)
            try phjob.directory.write("", to: "volume/finish")
            try blocking.waitUntilHeld()
            let before = try phjob.get(id)
            #expect(before.phase.isFinal == (place != .containerInspect))
            try phjob.killRunner()
            try blocking.hold(nil)
            try Self.check(phjob, id)
            if before.phase.isFinal { #expect(try phjob.get(id).finishTime == before.finishTime) }
        }
    }

    /// Kills at many moments, whatever the runner is just doing.
    @Test(arguments: LiveEngine.all) func atAnyMoment(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try phjob("runner", "start")
            for delay in [0, 20, 60, 120, 200, 300, 450, 700] {
                let name = "count-\(delay)"
                let id = try phjob.submit("echo ran >>/project/lab/\(name); seq 50; exit 7")
                usleep(UInt32(delay) * 1000)
                try phjob.killRunner()
                let job = try phjob.end(of: id)
                #expect(job.exitCode == 7, "after \(delay) ms: \(job.reason) \(job.message)")
                #expect(try phjob.directory.text("volume/\(name)") == "ran\n", "after \(delay) ms")
                #expect(try phjob.log(id).lines.count == 50, "after \(delay) ms")
            }
        }
    }
}
