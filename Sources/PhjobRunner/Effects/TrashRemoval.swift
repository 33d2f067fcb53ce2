import Dispatch
import PhjobStore
import PhjobSystem

/// Removes what ended jobs left behind, on a thread of its own, and tries again until it is gone.
struct TrashRemoval: Sendable {
    let store: JobStore
    let log: EventLog

    /// Seconds for which ``start(_:)`` waits for the end: what little most jobs leave is gone when it returns.
    private static let usualTime = 0.5

    /// - Parameters:
    ///   - names: in the trash (`JobStore.discardScratch(of:)`).
    ///   - note: is told why they are still there, and `nil` once they are not.
    func start(_ names: [String], note: @escaping @Sendable (String?) -> Void = { _ in }) {
        guard !names.isEmpty else { return }
        let isOver = DispatchSemaphore(value: 0)
        WorkerThread.start("trash") {
            run(names, note)
            isOver.signal()
        }
        _ = isOver.wait(timeout: .now() + Self.usualTime)
    }

    private func run(_ names: [String], _ note: (String?) -> Void) {
        var backoff = Backoff(first: 1, longest: 3600)
        var hasFailed = false
        while true {
            do throws(SystemError) {
                try store.removeTrash(names)
                if hasFailed { note(nil) }
                return
            } catch {
                hasFailed = true
                note(error.description)
                log.warning("scratch-not-removed", ["names": names.joined(separator: " "), "why": error.description])
                backoff.wait()
            }
        }
    }
}
