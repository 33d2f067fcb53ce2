import Glibc

/// The kernel's clocks.
enum Clock {
    /// Seconds, which never go backwards.
    static var now: Double { read(CLOCK_MONOTONIC) }

    /// Seconds since the boot, as proc(5) gives them in `uptime`.
    static var sinceBoot: Double { read(CLOCK_BOOTTIME) }

    /// Seconds since 1970.
    static var date: Double { read(CLOCK_REALTIME) }

    /// How long something took, in seconds.
    static func time(_ work: () throws -> Void) rethrows -> Double {
        let begin = now
        try work()
        return now - begin
    }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
