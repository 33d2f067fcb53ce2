import Dispatch
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

@Suite("Joined calls")
struct BatcherTests {
    /// Work that waits until it is let go, and notes what it was given.
    private final class Work: Sendable {
        let batches = Mutex<[[Int]]>([])
        let begun = DispatchSemaphore(value: 0)
        let go = DispatchSemaphore(value: 0)

        func run(_ inputs: [Int]) -> [Result<Int, Failure>] {
            batches.withLock { $0.append(inputs) }
            begun.signal()
            go.wait()
            return inputs.map { $0 < 0 ? .failure(Failure(description: "\($0)")) : .success($0 * 10) }
        }
    }

    private final class Answers: Sendable {
        let all = Mutex<[Int: Result<Int, Failure>]>([:])
        var count: Int { all.withLock(\.count) }
    }

    private func start(_ batcher: Batcher<Int, Result<Int, Failure>>, _ input: Int, _ answers: Answers) {
        WorkerThread.start("caller") {
            let answer = batcher.call(input)
            answers.all.withLock { $0[input] = answer }
        }
    }

    private func waiting(_ batcher: Batcher<Int, Result<Int, Failure>>, _ count: Int) throws {
        try blockUntil("\(count) wait") { batcher.waitingCount == count }
    }

    @Test("Calls that come while one is under way are joined, in their order, up to the bound")
    func joins() async throws {
        try await onThread {
            let (work, answers) = (Work(), Answers())
            let batcher = Batcher<Int, Result<Int, Failure>>(limit: 3) { work.run($0) }
            start(batcher, 0, answers)
            work.begun.wait()
            for input in 1...5 {
                start(batcher, input, answers)
                try waiting(batcher, input)
            }
            for _ in 0..<3 { work.go.signal() }
            try blockUntil("all are answered") { answers.count == 6 }
            #expect(work.batches.withLock(\.self) == [[0], [1, 2, 3], [4, 5]])
            #expect(answers.all.withLock { $0.allSatisfy { (try? $1.get()) == $0 * 10 } })
        }
    }

    @Test("A patient call waits for others until it is full, or its patience is at an end")
    func patience() async throws {
        try await onThread {
            let (work, answers) = (Work(), Answers())
            for _ in 0..<3 { work.go.signal() }
            let full = Batcher<Int, Result<Int, Failure>>(limit: 3, patience: 60) { work.run($0) }
            for input in 1...3 {
                start(full, input, answers)
                if input < 3 { try waiting(full, input) }
            }
            try blockUntil("all are answered") { answers.count == 3 }
            #expect(work.batches.withLock(\.self) == [[1, 2, 3]])
            let short = Batcher<Int, Result<Int, Failure>>(limit: 3, patience: 0.01) { work.run($0) }
            #expect(try short.call(4).get() == 40)
            #expect(work.batches.withLock(\.self) == [[1, 2, 3], [4]])
        }
    }

    @Test("Who made a call has its answer at once, and does not serve those who came later")
    func handsOn() async throws {
        try await onThread {
            let (work, answers) = (Work(), Answers())
            let batcher = Batcher<Int, Result<Int, Failure>>(limit: 3) { work.run($0) }
            start(batcher, 0, answers)
            work.begun.wait()
            start(batcher, 1, answers)
            try waiting(batcher, 1)
            work.go.signal()
            work.begun.wait()
            // The second call hangs.
            try blockUntil("the first has its answer") { answers.count == 1 }
            work.go.signal()
            try blockUntil("the second too") { answers.count == 2 }
            // And it works again after nobody waited.
            start(batcher, 2, answers)
            work.go.signal()
            try blockUntil("the third too") { answers.count == 3 }
        }
    }

    @Test("An error is the answer of the one whose error it is")
    func errors() async throws {
        try await onThread {
            let (work, answers) = (Work(), Answers())
            let batcher = Batcher<Int, Result<Int, Failure>>(limit: 10) { work.run($0) }
            start(batcher, 0, answers)
            work.begun.wait()
            start(batcher, -1, answers)
            start(batcher, 1, answers)
            try waiting(batcher, 2)
            for _ in 0..<2 { work.go.signal() }
            try blockUntil("all are answered") { answers.count == 3 }
            #expect(answers.all.withLock { try? $0[1]?.get() } == 10)
            #expect(answers.all.withLock { try? $0[-1]?.get() } == nil)
        }
    }

    @Test("In a hurry nobody waits for others, neither who does already nor who comes later")
    func hurry() async throws {
        try await onThread {
            let answers = Answers()
            let batcher = Batcher<Int, Result<Int, Failure>>(limit: 10, patience: 600) { $0.map { .success($0) } }
            start(batcher, 0, answers)
            try waiting(batcher, 1)
            batcher.hurry()
            try blockUntil("it is answered") { answers.count == 1 }
            start(batcher, 1, answers)
            try blockUntil("the later one too") { answers.count == 2 }
        }
    }
}
