import FoundationEssentials
import PhjobCore
import Testing

struct TimestampTests {
    /// Every millisecond of a second: a binary fraction must not move any of them.
    @Test(arguments: [0, 1_795_251_600_000, -1000, 4_102_444_799_000] as [Int64])
    func everyMillisecondComesBack(second: Int64) throws {
        for millisecond in Int64(0)..<1000 {
            let time = Timestamp(milliseconds: second + millisecond)
            try #require(Timestamp(time.description) == time, "\(time)")
        }
        let time = Timestamp(milliseconds: second + 1)
        #expect(try Sample.recoded(time) == time)
    }

    @Test(arguments: [
        ("2026-11-21T09:00:00Z", 1_795_251_600_000), ("2026-11-21T09:00:00.5Z", 1_795_251_600_500),
        ("2026-11-21T09:00:00.125Z", 1_795_251_600_125), ("2026-11-21T09:00:00.999999999Z", 1_795_251_600_999),
        ("2026-11-21T09:00:00.000000001Z", 1_795_251_600_000), ("2026-11-21T10:00:00.25+01:00", 1_795_251_600_250),
        ("2026-11-21T03:30:00-05:30", 1_795_251_600_000), ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.5Z", -500), ("2026-11-21T10:00:00+0100", 1_795_251_600_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("2024-02-29T00:00:00Z", 1_709_164_800_000),
    ])
    func reads(_ text: String, milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "now", "2026-11-21", "2026-11-21T09:00:00", "2026-11-21T09:00:00.Z", "2026-11-21T09:00:00.12x",
        "2026-13-21T09:00:00Z", ".", "1795251600", "2026-11-21T09:00:00.٣Z", "2026-11-21T24:00:00Z",
        "2026-11-21T09:60:00Z", "2026-11-21T09:00:61Z",
        "2026-02-29T09:00:00Z", "2100-02-29T09:00:00Z", "2026-00-21T09:00:00Z", "2026-11-00T09:00:00Z",
        "2026-11-21T09:00:00Zx", "2026-11-21T09:00:00+1", "2026-11-21T09:00:00+24:00", "2026-11-21T09:00:00+01:60",
        "26-11-21T09:00:00Z", "2026-11-21 09:00:00Z", "-2026-11-21T09:00:00Z", "2026-11-21T09:00:00.5",
    ])
    func refuses(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func prints() {
        #expect("\(Timestamp(milliseconds: 1_795_251_600_007))" == "2026-11-21T09:00:00.007Z")
        #expect("\(Timestamp(milliseconds: 0))" == "1970-01-01T00:00:00.000Z")
    }

    /// The same as Foundation's, for days from the calendar's beginning in 1582 on, leap days and turns of centuries among them.
    @Test func agreesWithFoundation() throws {
        var generator = SeededGenerator(seed: 5)
        let days =
            (0..<3000).map { _ in Int64.random(in: -141_427...2_932_896, using: &generator) }
            + [-141_427, -1, 0, 11_016, 11_017, 47_540, 47_541, 2_932_896]
        for day in days {
            let second = day * 86_400 + Int64.random(in: 0..<86_400, using: &generator)
            let expected = Date(timeIntervalSince1970: Double(second)).formatted(Date.ISO8601FormatStyle())
            let time = Timestamp(milliseconds: second * 1000)
            try #require("\(time)" == expected.dropLast() + ".000Z")
            try #require(Timestamp(expected) == time)
        }
    }

    /// What the engines write for "never" (the zero time of Go) lies before every other time.
    @Test func zeroTime() throws {
        #expect(try #require(Timestamp("0001-01-01T00:00:00Z")).milliseconds < 0)
    }

    @Test func arithmetic() {
        let time = Timestamp(milliseconds: 1500)
        #expect(time.adding(seconds: 2).milliseconds == 3500)
        #expect(time.adding(seconds: -2).milliseconds == -500)
        #expect(time.adding(seconds: .max).milliseconds == .max)
        #expect(time.adding(seconds: .min).milliseconds == .min)
        #expect(time.seconds(since: Timestamp(milliseconds: 2000)) == -0.5)
        #expect(time < Timestamp(milliseconds: 1501))
    }

    @Test(arguments: ["\"yesterday\"", "12", "null"])
    func decodingRefuses(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Timestamp.self, from: Data(text.utf8)) }
    }
}
