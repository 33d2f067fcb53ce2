import Dispatch
import Synchronization

/// Calls that may block for ever, such as a look at a directory whose server is away; those who ask wait for a limited
/// time only.
///
/// A thread in such a call cannot be ended, so there is never more than one for a key: later callers share it.
package final class BoundedCalls<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
    private final class Call: Sendable {
        let begin = Monotonic.now
        let answer = Mutex<Answer?>(nil)
        /// Signalled again by each that has waited for it.
        let isOver = DispatchSemaphore(value: 0)
        /// Whether a caller stopped waiting for it.
        let isLate = Mutex(false)
    }

    private let calls = Mutex<[Key: Call]>([:])
    private let limit: Double
    private let body: @Sendable (Key) -> Answer

    /// - Parameters:
    ///   - limit: seconds that an answer may take, counted from the call's begin.
    ///   - body: may block for ever.
    package init(limit: Double, _ body: @escaping @Sendable (Key) -> Answer) {
        self.limit = limit
        self.body = body
    }

    /// Asks about several keys at once.
    ///
    /// - Parameter late: called on another thread when an answer comes that this call did not wait for.
    /// - Returns: the answers in the order of the keys, `nil` for those that did not come in time. Blocks no longer than
    ///   the limit.
    package func answers(
        _ keys: [Key], late: @escaping @Sendable (Key, Answer) -> Void = { _, _ in }
    ) -> [Answer?] {
        let calls = keys.map { call($0, late) }
        return calls.map { call in
            let rest = max(0, call.begin.adding(seconds: limit).seconds(since: .now))
            if call.isOver.wait(timeout: .now() + rest) == .success {
                call.isOver.signal()
            } else {
                call.isLate.withLock { $0 = true }
            }
            return call.answer.withLock(\.self)
        }
    }

    private func call(_ key: Key, _ late: @escaping @Sendable (Key, Answer) -> Void) -> Call {
        let (call, isNew) = calls.withLock { calls in
            if let call = calls[key] { return (call, false) }
            let call = Call()
            calls[key] = call
            return (call, true)
        }
        guard isNew else { return call }
        WorkerThread.start("look") { [self] in
            let answer = body(key)
            call.answer.withLock { $0 = answer }
            calls.withLock { $0[key] = nil }
            call.isOver.signal()
            if call.isLate.withLock(\.self) { late(key, answer) }
        }
        return call
    }
}
