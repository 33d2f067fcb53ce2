import Dispatch
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// Calls that may block for ever.
struct BoundedCallsTests {
    @Test func answersComeInOrder() async throws {
        let calls = BoundedCalls<Int, Int>(limit: patience) { $0 * 2 }
        #expect(try await onThread { calls.answers([3, 1, 2]) } == [6, 2, 4])
    }

    /// However often it is asked meanwhile, one thread hangs, and later ones do not wait at all.
    @Test func oneHangsForAll() async throws {
        let gate = DispatchSemaphore(value: 0)
        let count = Mutex(0)
        let late = Mutex<[String]>([])
        let calls = BoundedCalls<String, String>(limit: 0.2) { key in
            if key == "stuck" {
                count.withLock { $0 += 1 }
                gate.wait()
            }
            return "answer \(key)"
        }
        try await onThread {
            let first = calls.answers(["stuck", "well"]) { key, _ in late.withLock { $0.append(key) } }
            #expect(first == [nil, "answer well"])
            let begin = Monotonic.now
            for _ in 0..<100 { #expect(calls.answers(["stuck"]) == [nil]) }
            #expect(Monotonic.now.seconds(since: begin) < 10)
            #expect(count.withLock(\.self) == 1)
            gate.signal()
            try blockUntil("the late answer is told") { late.withLock { $0 == ["stuck"] } }
            // It answers again, and is asked anew.
            gate.signal()
            #expect(calls.answers(["stuck"]) == ["answer stuck"])
            #expect(count.withLock(\.self) == 2)
        }
    }
}
