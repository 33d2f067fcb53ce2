import Glibc

/// A point in time on the monotonic clock, or never.
struct Deadline: Sendable {
    static let never = Deadline(nanoseconds: nil)

    private let nanoseconds: Int64?

    private init(nanoseconds: Int64?) {
        self.nanoseconds = nanoseconds
    }

    /// So long from now; nil is never.
    init(after duration: Duration?) {
        guard let duration else {
            self = .never
            return
        }
        let (seconds, attoseconds) = duration.components
        // Ten years stand for everything longer, so that nothing overflows.
        let length = min(max(seconds, 0), 315_360_000) * 1_000_000_000 + attoseconds / 1_000_000_000
        self.init(nanoseconds: Self.clock() + length)
    }

    static var now: Deadline {
        Deadline(nanoseconds: clock())
    }

    static func earlier(_ left: Deadline, _ right: Deadline) -> Deadline {
        guard let leftTime = left.nanoseconds else {
            return right
        }
        guard let rightTime = right.nanoseconds else {
            return left
        }
        return leftTime <= rightTime ? left : right
    }

    var hasPassed: Bool {
        nanoseconds.map { $0 <= Self.clock() } ?? false
    }

    /// The time left as `poll` wants it: milliseconds, rounded up; -1 is never.
    var pollTimeout: Int32 {
        guard let nanoseconds else {
            return -1
        }
        let left = max(nanoseconds - Self.clock(), 0)
        return Int32(clamping: (left + 999_999) / 1_000_000)
    }

    private static func clock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
