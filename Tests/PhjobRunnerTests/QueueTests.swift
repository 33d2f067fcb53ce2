import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

@Suite("Queue and capacity")
struct QueueTests {
    /// A command that runs until the file `name` is there.
    static func until(_ name: String) -> String { "while [ ! -e $T/\(name) ]; do sleep 0.02; done" }

    @Test("First come, first served, and the capacity is used but never exceeded")
    func orderAndCapacity() async throws {
        try await withRunner(WorldOptions(cpus: 4)) { runner in
            let recorder = try Recorder(runner)
            let kinds = ["cpu-1", "cpu-2", "cpu-1", "cpu-4", "cpu-2", "cpu-2", "cpu-1", "cpu-1", "cpu-2", "cpu-1"]
            let ids = try kinds.map { try runner.submit("echo $PHJOB_ID >>$T/order", type: $0) }
            for id in ids { #expect(try runner.waitForEnd(id).phase == .succeeded) }
            recorder.end()
            #expect(recorder.mostUsed == CPUAmount(milli: 4000))
            #expect(recorder.excess == nil)
            let starts = try ids.map {
                try #require(try runner.store.load($0).job.history.first { $0.phase == .preparing }).time
            }
            #expect(starts == starts.sorted())
        }
    }

    @Test("A waiting job says what it waits for, and its place")
    func messages() async throws {
        try await withRunner(WorldOptions(cpus: 2)) { runner in
            let first = try runner.submit(Self.until("go"), type: "cpu-2")
            try runner.wait(first, for: .running)
            let second = try runner.submit("true", type: "cpu-1")
            let third = try runner.submit("true", type: "cpu-1")
            var view = try runner.view(second)
            #expect((view.phase, view.reason, view.queuePosition) == (.pending, .waitingForResources, 1))
            #expect(view.message.contains("1 CPU") && view.message.contains("2 of 2 CPUs in use"))
            view = try runner.view(third)
            #expect((view.reason, view.queuePosition) == (.waitingForTurn, 2))
            #expect(view.message.contains("2nd in the queue"))
            // Whoever leaves the queue makes the others move up.
            try runner.cancel(second)
            #expect(try runner.view(third).queuePosition == 1)
            try runner.world.directory.write("", to: "go")
            #expect(try runner.waitForEnd(third).phase == .succeeded)
            #expect(try runner.waitForEnd(first).phase == .succeeded)
            #expect(try runner.view(second).phase == .cancelled)
        }
    }

    @Test("Room that is kept for a large job stays kept until it starts, though its owner holds more meanwhile")
    func largeJob() async throws {
        try await withRunner(WorldOptions(cpus: 5)) { runner in
            let small = try runner.submit(Self.until("end"), caller: World.bob)
            let first = try runner.submit(Self.until("go1"), type: "cpu-2")
            let second = try runner.submit(Self.until("go2"), type: "cpu-2")
            for id in [small, first, second] { try runner.wait(id, for: .running) }
            let later = try runner.submit("true", type: "cpu-2")
            let large = try runner.submit("true", type: "cpu-4", caller: World.bob)
            try runner.world.directory.write("", to: "go1")
            try runner.waitForEnd(first)
            var view = try runner.view(large)
            #expect(view.queuePosition == 1 && view.message.contains("4 CPUs; 3 of 5 CPUs in use; next in the queue"))
            view = try runner.view(later)
            #expect(view.phase == .pending && view.queuePosition == 2)
            try runner.world.directory.write("", to: "go2")
            let (started, next) = try (runner.waitForEnd(large).startTime, runner.waitForEnd(later).startTime)
            #expect(try #require(started) < #require(next))
            try runner.world.directory.write("", to: "end")
            try runner.waitForEnd(small)
        }
    }

    @Test("GPUs are handed out by index and never twice")
    func gpus() async throws {
        try await withRunner { runner in
            let first = try runner.submit(Self.until("go"), type: "gpu-1")
            let second = try runner.submit(Self.until("go"), type: "gpu-1")
            let both = try runner.submit("true", type: "gpu-2")
            try runner.wait(first, for: .running)
            try runner.wait(second, for: .running)
            #expect(try Set(runner.view(first).gpus + runner.view(second).gpus) == [0, 1])
            let waiting = try runner.view(both)
            #expect(waiting.message.contains("2 GPUs") && waiting.message.contains("2 of 2 GPUs in use"))
            // What needs no GPU does not wait for one: it takes nothing that the job before it waits for.
            let later = try runner.submit("true")
            #expect(try runner.waitForEnd(later).phase == .succeeded)
            #expect(try runner.view(both).phase == .pending)
            try runner.world.directory.write("", to: "go")
            let view = try runner.waitForEnd(both)
            #expect(view.gpus == [0, 1])
            #expect(try runner.waitForEnd(later).gpus.isEmpty)
        }
    }

    @Test("What can never fit is refused at once")
    func tooLarge() async throws {
        try await withRunner(WorldOptions(cpus: 2)) { runner in
            #expect { try runner.submit("true", type: "cpu-4") } throws: { ($0 as? PhjobError)?.code == .unschedulable }
            let ids = try runner.store.ids()
            #expect(ids.isEmpty)
        }
    }

    @Test("A shrunk node fails what can never fit, and keeps the rest")
    func shrunkNode() async throws {
        try await withRunner(WorldOptions(cpus: 4)) { runner in
            let running = try runner.submit(Self.until("go"), type: "cpu-4")
            try runner.wait(running, for: .running)
            let large = try runner.submit("true", type: "cpu-4")
            let small = try runner.submit("true", type: "cpu-2")
            try runner.world.write(WorldOptions(cpus: 2))
            try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
            let view = try runner.waitForEnd(large)
            #expect((view.phase, view.reason) == (.failed, .unschedulable))
            #expect(view.message.contains("4 CPUs"))
            #expect(view.startTime == nil)
            #expect(try runner.view(small).queuePosition == 1)
            #expect(try runner.view(running).phase == .running)
            try runner.world.directory.write("", to: "go")
            #expect(try runner.waitForEnd(running).phase == .succeeded)
            #expect(try runner.waitForEnd(small).phase == .succeeded)
        }
    }

    @Test("A grown node starts what waits")
    func grownNode() async throws {
        try await withRunner(WorldOptions(cpus: 2)) { runner in
            let running = try runner.submit(Self.until("go"), type: "cpu-2")
            let waiting = try runner.submit("true", type: "cpu-2")
            try runner.wait(running, for: .running)
            try runner.world.write(WorldOptions(cpus: 4))
            try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
            #expect(try runner.waitForEnd(waiting).phase == .succeeded)
            #expect(try runner.view(running).phase == .running)
            try runner.world.directory.write("", to: "go")
            try runner.waitForEnd(running)
        }
    }
}

/// Notes after each change of any job how much is held, as told by the records.
private final class Recorder: Sendable {
    private struct State {
        var most = CPUAmount(milli: 0)
        var excess: String?
        var isOver = false
    }

    private let state = Mutex(State())
    private let runner: LiveRunner
    private let subscription: Watchers.Subscription

    init(_ runner: LiveRunner) throws {
        self.runner = runner
        subscription = try runner.supervisor.watchers.subscribe(to: nil)
        WorkerThread.start("recorder") { [self] in
            while !state.withLock(\.isOver) {
                subscription.wakeup.drain()
                note()
                _ = try? Poll.readable([subscription.wakeup.descriptor.number])
            }
        }
    }

    private func note() {
        let (held, capacity) = runner.supervisor.state.withLock { ($0.table.holdings, $0.capacity) }
        let used = held.reduce(ResourceAmount.zero) { $0 + $1.demand }
        state.withLock { state in
            state.most = max(state.most, used.cpu)
            if !used.fits(in: capacity) { state.excess = "\(used) of \(capacity)" }
        }
    }

    func end() {
        state.withLock { $0.isOver = true }
        subscription.wakeup.signal()
    }

    var mostUsed: CPUAmount { state.withLock(\.most) }
    var excess: String? { state.withLock(\.excess) }
}
