import Glibc

/// How long to wait before another attempt: twice as long each time, up to a bound.
package struct Backoff: Sendable {
    private var next: Double
    private let longest: Double

    /// - Parameters:
    ///   - first: seconds before the second attempt.
    ///   - longest: seconds that are never exceeded.
    package init(first: Double, longest: Double) {
        next = first
        self.longest = longest
    }

    /// The seconds before the next attempt.
    package mutating func delay() -> Double {
        defer { next = min(next * 2, longest) }
        return next
    }

    /// Blocks this thread until the next attempt is due, or `abandon` becomes readable.
    package mutating func wait(abandon: Descriptor? = nil) {
        let deadline = Monotonic.now.adding(seconds: delay())
        _ = try? Poll.readable([abandon?.number ?? -1], until: deadline)
    }
}
