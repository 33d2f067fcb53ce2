import FoundationEssentials
import PhjobCore
import Testing

struct CPUAmountTests {
    @Test(
        arguments: [
            (1, 1000, "1"), (0.5, 500, "0.5"), (2.25, 2250, "2.25"), (0.001, 1, "0.001"), (1.0004, 1000, "1"),
            (0.1 + 0.2, 300, "0.3"), (1_000_000, 1_000_000_000, "1000000"), (999_999.999, 999_999_999, "999999.999"),
        ] as [(Double, Int64, String)])
    func reads(_ cpus: Double, milli: Int64, text: String) throws {
        let amount = try CPUAmount(cpus: cpus)
        #expect(amount.milli == milli)
        #expect("\(amount)" == text)
        #expect(try Sample.recoded(amount) == amount)
    }

    @Test(arguments: [0, -1, 0.0009, 1_000_000.1, .infinity, -.infinity, .nan, .greatestFiniteMagnitude])
    func refuses(_ cpus: Double) {
        let error = #expect(throws: InvalidValue.self) { try CPUAmount(cpus: cpus) }
        #expect(error?.message.hasSuffix("is not a number of CPUs between 0.001 and 1000000") == true)
    }

    @Test func sumsAreExact() throws {
        let tenth = ResourceAmount(cpu: try CPUAmount(cpus: 0.1), memory: MemorySize(bytes: 0), gpus: 0)
        let sum = (0..<10).reduce(ResourceAmount.zero) { total, _ in total + tenth }
        #expect(sum.cpu == CPUAmount(milli: 1000))
    }

    @Test func decodingRefusesWhatReadingRefuses() {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(CPUAmount.self, from: Data("-1".utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(CPUAmount.self, from: Data("\"1\"".utf8)) }
    }
}
