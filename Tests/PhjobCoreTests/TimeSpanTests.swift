import PhjobCore
import Testing

struct TimeSpanTests {
    @Test(arguments: [
        ("0", 0), ("0s", 0), ("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("1h30m", 5400),
        ("1d2h3m4s", 93_784), ("1d4s", 86_404), ("007s", 7), ("36600d", 3_162_240_000),
    ])
    func reads(_ text: String, seconds: Int64) throws {
        #expect(try TimeSpan(parsing: text).seconds == seconds)
    }

    @Test(arguments: [
        ("", "a duration may not be empty"), ("90", "'90' has no unit"), ("1h30", "'1h30' has no unit"),
        ("-5m", "'-5m' is not a duration"), ("+5m", "is not a duration"), ("5x", "is not a duration"),
        ("h", "is not a duration"), ("5 m", "is not a duration"), ("30m1h", "is not a duration"),
        ("1h1h", "is not a duration"), ("1.5h", "is not a duration"), ("1e3s", "is not a duration"),
        ("٣s", "is not a duration"), ("5H", "is not a duration"), ("00", "has no unit"),
        ("99999999999999999999s", "is not a duration"), ("36601d", "longer than a hundred years"),
        ("9223372036854775807d", "longer than a hundred years"),
    ])
    func refuses(_ text: String, words: String) {
        let error = #expect(throws: InvalidValue.self) { try TimeSpan(parsing: text) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func hostileTextIsShownEscaped() {
        let error = #expect(throws: InvalidValue.self) { try TimeSpan(parsing: "\u{1b}[2J5") }
        #expect(error?.message.hasPrefix("'\\x1b[2J5'") == true)
    }

    @Test(arguments: [
        (0, "00:00:00", "0s"), (-5, "00:00:00", "0s"), (45, "00:00:45", "45s"), (61, "00:01:01", "1m 1s"),
        (7500, "02:05:00", "2h 5m"), (86_399, "23:59:59", "23h 59m"), (86_400, "1d 00:00:00", "1d"),
        (93_784, "1d 02:03:04", "1d 2h"), (86_404, "1d 00:00:04", "1d"), (3600, "01:00:00", "1h"),
    ])
    func prints(_ seconds: Int64, clock: String, short: String) {
        #expect(TimeSpan(seconds: seconds).clock == clock)
        #expect(TimeSpan(seconds: seconds).short == short)
    }

    @Test(arguments: [1, 60, 3661, 90_000, 604_800] as [Int64])
    func shortReadsBack(_ seconds: Int64) throws {
        let short = TimeSpan(seconds: seconds).short.filter { $0 != " " }
        let again = try TimeSpan(parsing: short)
        #expect(again.seconds <= seconds && again.short == TimeSpan(seconds: seconds).short)
    }
}
