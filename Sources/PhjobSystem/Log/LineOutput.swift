import Dispatch
import Glibc
import Synchronization

/// Lines for a descriptor whose reader may be slow, or have stopped.
///
/// A line that is taken at once is written by who has it: then it is out, even if the process dies the next moment. The
/// descriptor may be shared with others, so it is not made non-blocking, but asked before.
final class LineOutput: Sendable {
    /// Lines that wait at most, while nobody reads.
    static let capacity = 1000
    /// A pipe that is writable takes as much without blocking (pipe(7), `PIPE_BUF`).
    private static let atOnce = 4096

    private struct State {
        var waiting: [String] = []
        var dropped = 0
        /// Whether a thread is at work on those that wait.
        var hasWriter = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// - Parameters:
    ///   - line: with its line feed.
    ///   - gap: the line that says how many are missing.
    func write(_ line: String, gap: @escaping @Sendable (Int) -> String) {
        let needsWriter = state.withLock { state in
            if !state.hasWriter, line.utf8.count <= Self.atOnce, isWritable(within: 0), put(line) { return false }
            if state.waiting.count < Self.capacity { state.waiting.append(line) } else { state.dropped += 1 }
            defer { state.hasWriter = true }
            return !state.hasWriter
        }
        if needsWriter { WorkerThread.start("log") { [self] in writeWaiting(gap) } }
    }

    /// Waits until nothing waits any more, at most `seconds`.
    func flush(within seconds: Double) {
        let deadline = Monotonic.now.adding(seconds: seconds)
        while state.withLock(\.hasWriter), .now < deadline { usleep(1000) }
    }

    private func writeWaiting(_ gap: (Int) -> String) {
        while true {
            let lines = state.withLock { state in
                var lines = state.waiting
                if state.dropped > 0 { lines.append(gap(state.dropped)) }
                state = State(hasWriter: !lines.isEmpty)
                return lines
            }
            if lines.isEmpty { return }
            // Somebody else may have made the descriptor non-blocking.
            for line in lines { while !put(line) { _ = isWritable(within: -1) } }
        }
    }

    /// One write(2) a line, so that lines of several threads, and of others, never mix.
    ///
    /// - Returns: false if it would have to wait. Where nobody can be told at all, nobody is.
    private func put(_ line: String) -> Bool {
        while line.withCString({ Glibc.write(descriptor, $0, strlen($0)) }) < 0 {
            if errno != EINTR { return errno != EAGAIN }
        }
        return true
    }

    /// - Parameter milliseconds: how long to wait for that; -1 for ever.
    private func isWritable(within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // What cannot be written to at all makes nobody wait.
        return poll(&entry, 1, milliseconds) != 0
    }
}
