import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

@Suite("Administration") struct AdministrationTests {
    private static let root = World.caller("boss", isAdministrator: true)
    private static let untilGo = "until [ -e $T/go ]; do sleep 0.02; done"

    @Test("Drained, nothing starts, over restarts too; running jobs run on, and resumed all go on")
    func drain() async throws {
        try await withWorld { world in
            let first = try world.start()
            let running = try first.submit(Self.untilGo)
            try first.wait(running, for: .running)
            try first.supervisor.drain(reason: "update", caller: Self.root)
            let waiting = try first.submit("true")
            let view = first.supervisor.withWarnings(try first.view(waiting))
            let words = "no job is started until boss or another administrator says so: update"
            #expect(view.phase == .pending && view.reason == .drained && view.message == words)
            #expect(view.warnings == [words] && view.queuePosition == 1)
            let second = try first.restart()
            defer { second.kill() }
            #expect(try second.view(waiting).reason == .drained)
            #expect(try second.supervisor.page(JobFilter(), caller: World.bob).notice == words)
            try world.directory.write("", to: "go")
            #expect(try second.waitForEnd(running).phase == .succeeded)
            #expect(try second.view(waiting).phase == .pending)
            try second.supervisor.resume(caller: Self.root)
            #expect(try second.waitForEnd(waiting).phase == .succeeded)
            #expect(try second.supervisor.page(JobFilter(), caller: World.bob).notice == nil)
            #expect(!world.text("state/drain.json").contains("update"))
        }
    }

    @Test("Resumed with nobody waiting, nothing holds jobs back any more") func resumeWithAnEmptyQueue() async throws {
        try await withRunner { runner in
            let cause = { runner.status.startsHeldBecause }
            try runner.supervisor.drain(reason: "update", caller: Self.root)
            let waiting = try runner.submit("true")
            #expect(try runner.view(waiting).reason == .drained && cause()?.hasSuffix("update") == true)
            try runner.cancel(waiting)
            try runner.supervisor.resume(caller: Self.root)
            #expect(cause() == nil)
        }
    }

    @Test("A damaged word on draining starts nothing: it is not taken for none") func damagedDrain() async throws {
        try await withWorld { world in
            let first = try world.start()
            first.kill()
            try world.directory.write("{", to: "state/drain.json")
            #expect(throws: (any Error).self) { try world.start() }
        }
    }

    @Test(
        "Reasons that nobody should be shown",
        arguments: ["", "  ", "a\u{1b}[2J", "a\nb", String(repeating: "x", count: 501)])
    func badReasons(_ reason: String) async throws {
        try await withRunner { runner in
            let error = #expect(throws: PhjobError.self) {
                try runner.supervisor.drain(reason: reason, caller: Self.root)
            }
            #expect(error?.code == .invalidRequest)
            #expect(runner.supervisor.state.withLock(\.drain) == nil)
        }
    }

    @Test("A job is held back and released; what an administrator holds back only they release")
    func hold() async throws {
        try await withRunner(WorldOptions(cpus: 1)) { runner in
            let supervisor = runner.supervisor
            let running = try runner.submit(Self.untilGo)
            try runner.wait(running, for: .running)
            let (first, second) = (try runner.submit("true"), try runner.submit("true"))
            let held = try supervisor.set(first.text, QueueingChange(hold: true), caller: World.alice)
            #expect(held.reason == .held && held.heldBy == "alice" && held.queuePosition == nil)
            #expect(held.message == "is held back by alice until 'phjob set --release' releases it")
            #expect(try runner.view(second).queuePosition == 1)
            try runner.world.directory.write("", to: "go")
            #expect(try runner.waitForEnd(second).phase == .succeeded)
            #expect(try runner.view(first).phase == .pending)
            _ = try supervisor.set(first.text, QueueingChange(hold: true), caller: Self.root)
            for caller in [World.alice, World.bob] {
                let error = #expect(throws: PhjobError.self) {
                    try supervisor.set(first.text, QueueingChange(hold: false), caller: caller)
                }
                #expect(error?.code == .forbidden)
            }
            // The owner cannot make the administrator's hold their own.
            _ = try supervisor.set(first.text, QueueingChange(hold: true), caller: World.alice)
            #expect(try runner.view(first).heldBy == "boss")
            _ = try supervisor.set(first.text, QueueingChange(hold: false), caller: Self.root)
            #expect(try runner.waitForEnd(first).phase == .succeeded)
            let late = #expect(throws: PhjobError.self) {
                try supervisor.set(first.text, QueueingChange(hold: true), caller: Self.root)
            }
            #expect(late?.code == .conflict)
        }
    }

    @Test("Holds and priorities outlive the runner") func holdsAreKept() async throws {
        try await withWorld(WorldOptions(cpus: 1)) { world in
            let first = try world.start()
            let running = try first.submit(Self.untilGo)
            try first.wait(running, for: .running)
            let ids = try (0..<3).map { _ in try first.submit("date +%s%N >>$T/order-$PHJOB_ID") }
            _ = try first.supervisor.set(ids[0].text, QueueingChange(hold: true), caller: World.alice)
            _ = try first.supervisor.set(ids[2].text, QueueingChange(priority: 9), caller: Self.root)
            let second = try first.restart()
            defer { second.kill() }
            #expect(try second.view(ids[0]).heldBy == "alice" && second.view(ids[2]).priority == 9)
            #expect(try second.view(ids[2]).queuePosition == 1 && second.view(ids[1]).queuePosition == 2)
            try world.directory.write("", to: "go")
            let views = try [ids[2], ids[1]].map { try second.waitForEnd($0) }
            let starts = views.compactMap(\.startTime)
            #expect(starts.count == 2 && starts[0] < starts[1])
            #expect(try second.cancel(ids[0]).phase == .cancelled)
        }
    }

    @Test("What is asked wrongly changes nothing") func badChanges() async throws {
        try await withRunner(WorldOptions(cpus: 1)) { runner in
            let running = try runner.submit(Self.untilGo)
            let waiting = try runner.submit("true")
            try runner.wait(running, for: .running)
            let bad: [(QueueingChange, Caller, PhjobError.Code)] = [
                (QueueingChange(), Self.root, .invalidRequest),
                (QueueingChange(priority: 1001), Self.root, .invalidRequest),
                (QueueingChange(priority: 1), World.alice, .forbidden),
                (QueueingChange(hold: true), World.bob, .forbidden),
                (QueueingChange(hold: true), World.caller("mallory"), .notFound),
            ]
            for (change, caller, code) in bad {
                let error = #expect(throws: PhjobError.self) {
                    try runner.supervisor.set(waiting.text, change, caller: caller)
                }
                #expect(error?.code == code)
            }
            #expect(try runner.view(waiting).heldBy == nil && runner.view(waiting).priority == nil)
            try runner.world.directory.write("", to: "go")
        }
    }

    @Test("Pruned are only jobs that are done with, and only those that ended long enough ago")
    func prune() async throws {
        try await withWorld { world in
            let first = try world.start()
            let done = try (0..<3).map { _ in try first.submit("echo x") }
            for id in done { try first.waitForEnd(id) }
            let running = try first.submit(Self.untilGo)
            try first.wait(running, for: .running)
            let supervisor = first.supervisor
            let dry = try supervisor.prune(PruneRequest(olderThanSeconds: 0, dryRun: true))
            #expect(Set(dry.jobs) == Set(done) && !dry.isDone && dry.bytes > 0)
            #expect(try first.view(done[0]).phase == .succeeded)
            #expect(try supervisor.prune(PruneRequest(olderThanSeconds: 3600, dryRun: false)).jobs.isEmpty)
            #expect(
                try supervisor.prune(PruneRequest(olderThanSeconds: 0, groups: ["other"], dryRun: false)).jobs.isEmpty)
            let answer = try supervisor.prune(PruneRequest(olderThanSeconds: 0, groups: ["lab"], dryRun: false))
            #expect(Set(answer.jobs) == Set(done) && answer.isDone)
            for id in done {
                let error = #expect(throws: PhjobError.self) { try supervisor.find(id.text, caller: World.alice) }
                #expect(error?.code == .notFound)
            }
            #expect(try world.directory.names("state/jobs") == [running.text])
            let second = try first.restart()
            defer { second.kill() }
            #expect(try second.supervisor.page(JobFilter(), caller: World.alice).items.map(\.id) == [running])
            try world.directory.write("", to: "go")
            #expect(try second.waitForEnd(running).phase == .succeeded)
        }
    }

    @Test("Where some cannot be removed, the others are gone, and the answer says how many") func pruneInPart()
        async throws
    {
        try await withRunner { runner in
            let done = try (0..<3).map { _ in try runner.submit("true") }
            for id in done { try runner.waitForEnd(id) }
            // A directory that is not empty is in the way of its renaming.
            let obstacle = "state/jobs/.gone-\(done[1])"
            try Directory.create(runner.world.directory(obstacle))
            try runner.world.directory.write("", to: "\(obstacle)/file")
            let subscription = try runner.supervisor.watchers.subscribe(to: nil)
            subscription.wakeup.drain()
            let error = #expect(throws: PhjobError.self) {
                try runner.supervisor.prune(PruneRequest(olderThanSeconds: 0, dryRun: false))
            }
            #expect(error?.message.hasPrefix("only 2 of 3 jobs could be removed: cannot remove \(done[1])") == true)
            #expect(subscription.wakeup.drain() > 0)
            #expect(try runner.supervisor.page(JobFilter(), caller: World.alice).items.map(\.id) == [done[1]])
        }
    }

    @Test("A key of a pruned job stands for a new one") func pruneForgetsKeys() async throws {
        try await withRunner { runner in
            let first = try runner.submit("true", key: "nightly")
            try runner.waitForEnd(first)
            #expect(try runner.submit("true", key: "nightly") == first)
            _ = try runner.supervisor.prune(PruneRequest(olderThanSeconds: 0, dryRun: false))
            #expect(try runner.submit("true", key: "nightly") != first)
        }
    }
}
