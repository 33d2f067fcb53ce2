import Glibc

/// A clock that no one sets, which counts on while the machine sleeps (clock_gettime(2), `CLOCK_BOOTTIME`).
package struct Monotonic: Sendable, Comparable, Hashable {
    /// Nanoseconds since the boot.
    package let nanoseconds: Int64

    package static var now: Monotonic {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Monotonic(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package func adding(seconds: Double) -> Monotonic {
        Monotonic(nanoseconds: nanoseconds + Int64(min(seconds, 1e9) * 1e9))
    }

    package func seconds(since other: Monotonic) -> Double { Double(nanoseconds - other.nanoseconds) / 1e9 }

    package static func < (left: Monotonic, right: Monotonic) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Milliseconds from now until this time, rounded up, for poll(2); 0 if it has passed.
    package var millisecondsFromNow: Int32 {
        let rest = nanoseconds - Monotonic.now.nanoseconds
        guard rest > 0 else { return 0 }
        return Int32(clamping: (rest + 999_999) / 1_000_000)
    }
}
