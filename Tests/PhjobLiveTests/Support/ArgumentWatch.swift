import Foundation
import PhjobSystem
import Synchronization

/// Looks at the arguments of all processes, again and again, for something that must not be there.
final class ArgumentWatch: Sendable {
    private let wanted: [UInt8]
    private let found = Mutex<Set<String>>([])
    private let isStopped = Atomic(false)
    private let done = DispatchSemaphore(value: 0)

    init(for text: String) {
        wanted = Array(text.utf8)
        Thread { [self] in
            while !isStopped.load(ordering: .relaxed) {
                look()
                usleep(2000)
            }
            done.signal()
        }.start()
    }

    /// - Returns: the arguments in which it was seen.
    func stop() -> [String] {
        isStopped.store(true, ordering: .relaxed)
        done.wait()
        return found.withLock { $0.sorted() }
    }

    private func look() {
        guard let names = try? Directory.names(in: Directory.open("/proc")) else { return }
        for name in names where pid_t(name) != nil && pid_t(name) != getpid() {
            let bytes =
                (try? Descriptor(opening: "/proc/\(name)/cmdline", flags: O_RDONLY).readAll(limit: 4 << 20)) ?? []
            if bytes.firstRange(of: wanted) != nil {
                found.withLock { _ = $0.insert(String(decoding: bytes.prefix(400), as: UTF8.self)) }
            }
        }
    }
}
