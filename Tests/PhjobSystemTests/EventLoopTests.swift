import Glibc
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// One thread that sleeps until there is something to do.
@Suite(.timeLimit(.minutes(30))) struct EventLoopTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop()
    }

    private func run() async throws {
        try await onThread { [loop] in try loop.run() }
    }

    @Test func timersFireInTheOrderOfTheirTimes() async throws {
        let fired = Log()
        let start = Monotonic.now
        for milliseconds in [30, 10, 20, -5, 0] {
            loop.schedule(at: start.adding(seconds: Double(milliseconds) / 1000)) { fired.add("\(milliseconds)") }
        }
        loop.schedule(at: start.adding(seconds: 0.04)) { [loop] in loop.stop() }
        try await run()
        #expect(fired.all == ["-5", "0", "10", "20", "30"])
        #expect(Monotonic.now >= start.adding(seconds: 0.04))
    }

    /// Whether anybody reads it then, or not.
    @Test func whatIsToBeToldOnceIsToldOnce() async throws {
        let fired = Log()
        let (wakeup, other) = (try Wakeup(), try Wakeup())
        _ = loop.onceReadable(wakeup.descriptor) { fired.add("once") }
        loop.cancel(loop.onceReadable(wakeup.descriptor) { fired.add("never") })
        _ = loop.whenReadable(other.descriptor) { [loop] in
            fired.add("each time")
            if fired.all.count(where: { $0 == "each time" }) == 5 { loop.stop() }
        }
        wakeup.signal()
        other.signal()
        try await run()
        #expect(fired.all.filter { $0 == "once" }.count == 1 && !fired.all.contains("never"))
    }

    @Test func timersOfOneTimeFireInTheOrderOfTheirRegistration() async throws {
        let fired = Log()
        let time = Monotonic.now.adding(seconds: 0.01)
        for number in 0..<100 { loop.schedule(at: time) { fired.add("\(number)") } }
        loop.schedule(at: time) { [loop] in loop.stop() }
        try await run()
        #expect(fired.all == (0..<100).map(String.init))
    }

    @Test func timerNeverFiresBeforeItsTime() async throws {
        let early = Log()
        for index in 1...20 {
            let time = Monotonic.now.adding(seconds: Double(index) * 0.0013)
            loop.schedule(at: time) { if Monotonic.now < time { early.add("\(index)") } }
        }
        loop.schedule(at: Monotonic.now.adding(seconds: 0.05)) { [loop] in loop.stop() }
        try await run()
        #expect(early.all == [])
    }

    @Test func cancelledTimerDoesNotFire() async throws {
        let fired = Log()
        let token = loop.schedule(at: Monotonic.now.adding(seconds: 0.01)) { fired.add("cancelled") }
        loop.schedule(at: Monotonic.now.adding(seconds: 0.03)) { [loop] in loop.stop() }
        loop.cancel(token)
        try await run()
        #expect(fired.all == [])
    }

    /// Also if both were due at once.
    @Test func timerCancelledByAnEarlierOneDoesNotFire() async throws {
        let fired = Log()
        let token = Mutex<EventLoop.Token?>(nil)
        loop.schedule(at: .now) { [loop] in
            fired.add("first")
            if let token = token.withLock({ $0 }) { loop.cancel(token) }
        }
        let second = loop.schedule(at: .now) { fired.add("second") }
        token.withLock { $0 = second }
        loop.schedule(at: .now) { [loop] in loop.stop() }
        try await run()
        #expect(fired.all == ["first"])
    }

    @Test func timerMayScheduleTheNext() async throws {
        let fired = Log()
        @Sendable func next(_ count: Int) {
            fired.add("\(count)")
            if count == 5 { return loop.stop() }
            loop.schedule(at: .now) { next(count + 1) }
        }
        loop.schedule(at: .now) { next(1) }
        try await run()
        #expect(fired.all == ["1", "2", "3", "4", "5"])
    }

    @Test func readableDescriptorIsServedUntilItIsCancelled() async throws {
        let wakeup = try Wakeup()
        let fired = Log()
        let token = Mutex<EventLoop.Token?>(nil)
        let watch = loop.whenReadable(wakeup.descriptor) { [loop] in
            fired.add("readable")
            guard fired.all.count == 3, let token = token.withLock({ $0 }) else { return }
            loop.cancel(token)
            loop.schedule(at: Monotonic.now.adding(seconds: 0.02)) { loop.stop() }
        }
        token.withLock { $0 = watch }
        wakeup.signal()
        try await run()
        #expect(fired.all.count == 3)
    }

    /// Two descriptors are ready in one round, and the first handler takes the second back.
    @Test func watchCancelledInTheSameRoundIsNotServed() async throws {
        let wakeups = [try Wakeup(), try Wakeup()]
        let fired = Log()
        let tokens = Mutex<[EventLoop.Token]>([])
        for wakeup in wakeups {
            wakeup.signal()
            let token = loop.whenReadable(wakeup.descriptor) { [loop] in
                fired.add("served")
                tokens.withLock { $0 }.forEach(loop.cancel)
                loop.schedule(at: Monotonic.now.adding(seconds: 0.02)) { loop.stop() }
            }
            tokens.withLock { $0.append(token) }
        }
        try await run()
        #expect(fired.all == ["served"])
    }

    @Test func descriptorStaysOpenWhileItIsWatched() async throws {
        let number = try {
            let wakeup = try Wakeup()
            _ = loop.whenReadable(wakeup.descriptor) { [loop] in loop.stop() }
            return wakeup.descriptor.number
        }()
        var one: UInt64 = 1
        #expect(write(number, &one, 8) == 8)
        try await run()
    }

    @Test func stopBeforeAndDuringTheRun() async throws {
        async let running: Void = run()
        loop.stop()
        try await running
        try await run()
    }

    @Test func manyThreadsRegister() async throws {
        let fired = Log()
        let (workers, each) = (8, 250)
        async let running: Void = run()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers {
                group.addTask { [loop] in
                    try await onThread {
                        for index in 0..<each {
                            let kept = loop.schedule(at: Monotonic.now.adding(seconds: Double(index % 5) / 1000)) {
                                if fired.add("timer") == workers * each { loop.stop() }
                            }
                            let dropped = loop.schedule(at: Monotonic.now.adding(seconds: 3600)) {
                                fatalError("cancelled")
                            }
                            loop.cancel(dropped)
                            #expect(kept != dropped)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await running
        #expect(fired.all.count == workers * each)
    }

    /// Counted by the kernel for the very thread: it goes to sleep once and does not come back by itself.
    @Test func idleLoopDoesNothing() async throws {
        let thread = Mutex<pid_t>(0)
        let wakeup = try Wakeup()
        _ = loop.whenReadable(wakeup.descriptor) { fatalError("nothing happened") }
        loop.schedule(at: Monotonic.now.adding(seconds: 3600)) { fatalError("too early") }
        loop.schedule(at: .now) {
            let name = (try? Descriptor(opening: "/proc/thread-self/stat", flags: O_RDONLY).readAll(limit: 4096)) ?? []
            thread.withLock { $0 = pid_t(String(decoding: name.prefix { $0 != 0x20 }, as: UTF8.self)) ?? -1 }
        }
        async let running: Void = run()
        func state() throws -> (isAsleep: Bool, switches: String) {
            let path = "/proc/self/task/\(thread.withLock { $0 })/status"
            let text = String(
                decoding: try Descriptor(opening: path, flags: O_RDONLY).readAll(limit: 1 << 16), as: UTF8.self)
            let lines = text.split(separator: "\n")
            let switches = lines.filter { $0.contains("ctxt_switches") }.joined(separator: " ")
            return (lines.contains { $0.hasPrefix("State:\tS") }, switches)
        }
        try await eventually("the loop runs") { thread.withLock { $0 } > 0 }
        // Asleep twice in a row with the same count: it has come to rest, and is not on its way there.
        var resting = ""
        try await eventually("the loop sleeps") {
            let now = try state()
            defer { resting = now.switches }
            return now.isAsleep && now.switches == resting
        }
        let end = Monotonic.now.adding(seconds: 0.3)
        try await eventually { Monotonic.now >= end }
        #expect(try state().switches == resting)
        loop.stop()
        try await running
    }
}

/// What happened, in order.
private final class Log: Sendable {
    private let entries = Mutex<[String]>([])

    var all: [String] { entries.withLock { $0 } }

    /// Gives the number of entries.
    @discardableResult
    func add(_ entry: String) -> Int {
        entries.withLock { entries in
            entries.append(entry)
            return entries.count
        }
    }
}
