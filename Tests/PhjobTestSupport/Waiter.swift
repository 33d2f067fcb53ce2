import PhjobSystem
import Synchronization

/// What another thread is waiting for.
package final class Waiter<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, any Error>?>(nil)
    package var isThere: Bool { value.withLock { $0 != nil } }

    package init(_ body: @escaping @Sendable () throws -> Value) {
        WorkerThread.start("client") { [self] in
            let result = Result { try body() }
            value.withLock { $0 = result }
        }
    }

    package func get() throws -> Value {
        try blockUntil("an answer") { isThere }
        return try value.withLock { try $0?.get() } ?? { throw Failure(description: "no answer") }()
    }
}
