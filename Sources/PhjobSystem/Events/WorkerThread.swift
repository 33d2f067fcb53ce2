import CPhjobLinux
import Glibc

/// Threads for work that blocks. They cost little while they wait.
package enum WorkerThread {
    private final class Work {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            phjob_set_thread_name(name)
            body()
        }
    }

    /// Bytes of stack; only what is used takes memory.
    private static let stackSize = 512 << 10

    /// Runs `body` on a thread of its own.
    ///
    /// - Parameter name: shown by ps(1); the kernel keeps 15 bytes of it.
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Work(String(name.prefix(15)), body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        // Too many threads (EAGAIN) pass; work that was promised must not be lost.
        while pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, work.toOpaque()) != 0
        {
            usleep(10_000)
        }
    }
}
