import Foundation

/// Runs `body`, which may block, on a thread of its own, and so keeps the pool of Swift's tasks free.
///
/// It stays part of the task that calls it, so that what it reports is reported of the test that runs.
@discardableResult
package func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(OwnThreads.executor) { try body() }
}

/// Gives each piece of a task a thread of its own.
private final class OwnThreads: TaskExecutor {
    static let executor = OwnThreads()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let thread = Thread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        thread.stackSize = 8 << 20
        thread.start()
    }
}
