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
        #expect(Timestamp(time.date) == time)
    }

    @Test(arguments: [
        ("2026-11-21T09:00:00Z", 1_795_251_600_000), ("2026-11-21T09:00:00.5Z", 1_795_251_600_500),
        ("2026-11-21T09:00:00.125Z", 1_795_251_600_125), ("2026-11-21T09:00:00.999999999Z", 1_795_251_600_999),
        ("2026-11-21T09:00:00.000000001Z", 1_795_251_600_000), ("2026-11-21T10:00:00.25+01:00", 1_795_251_600_250),
        ("2026-11-21T03:30:00-05:30", 1_795_251_600_000), ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.5Z", -500),
    ])
    func reads(_ text: String, milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "now", "2026-11-21", "2026-11-21T09:00:00", "2026-11-21T09:00:00.Z", "2026-11-21T09:00:00.12x",
        "2026-13-21T09:00:00Z", ".", "1795251600", "2026-11-21T09:00:00.٣Z",
    ])
    func refuses(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func prints() {
        #expect("\(Timestamp(milliseconds: 1_795_251_600_007))" == "2026-11-21T09:00:00.007Z")
        #expect("\(Timestamp(milliseconds: 0))" == "1970-01-01T00:00:00.000Z")
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
