import Foundation

/// Threads for work that blocks. They cost little while they wait.
package enum WorkerThread {
    /// Runs `body` on a thread of its own.
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        // Shown by ps(1); the kernel keeps 15 bytes of it.
        thread.name = name
        thread.stackSize = 512 << 10
        thread.start()
    }
}
