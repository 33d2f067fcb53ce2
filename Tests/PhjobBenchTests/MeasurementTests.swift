import Testing

@testable import PhjobBench

@Suite struct MeasurementTests {
    @Test func medianAndQuartilesLieBetweenTheNeighbours() {
        #expect(Spread([]) == nil)
        let one = Spread([7])
        #expect(one?.median == 7 && one?.lowerQuartile == 7 && one?.upperQuartile == 7)
        let four = Spread([4, 1, 3, 2])
        #expect(four?.median == 2.5 && four?.lowerQuartile == 1.75 && four?.upperQuartile == 3.25 && four?.count == 4)
        #expect(Spread([1, 100, 2])?.median == 2, "an outlier does not move it")
    }

    @Test func aTargetIncludesItsLimit() {
        #expect(Target.atMost(1.1).isReached(by: 1.1) && !Target.atMost(1.1).isReached(by: 1.11))
        #expect(Target.atLeast(10).isReached(by: 10) && !Target.atLeast(10).isReached(by: 9.99))
        #expect(Target.atMost(0).isReached(by: 0))
    }

    @Test func theMedianDecides() {
        #expect(Row(1, "", .ratio, [0.9, 5, 1], .atMost(1)).verdict == .ok)
        #expect(Row(1, "", .ratio, [0.9, 5, 1.2], .atMost(1)).verdict == .short)
        #expect(Row(1, "", .ratio, [9]).verdict == .none, "without a target there is nothing to judge")
        #expect(Row(1, "", .ratio, [], .atMost(1)).verdict == .short, "what was not measured is not reached")
    }

    @Test func peersTakeTurnsAndAreComparedByTheRound() throws {
        var order: [String] = []
        var numbers = ["a": 0.0, "b": 0.0]
        let peer = { (name: String, step: Double) in
            (
                name,
                { () throws -> Double in
                    order.append(name)
                    numbers[name, default: 0] += step
                    return numbers[name, default: 0]
                }
            )
        }
        let pairs = try Pairs.measure(Rounds(3, within: 1000), [peer("a", 1), peer("b", 10)])
        #expect(order == ["a", "b", "b", "a", "a", "b"])
        #expect(pairs["b"] == [10, 20, 30])
        #expect(pairs.ratios("b", to: "a") == [10, 10, 10])
        #expect(pairs.differences("b", from: "a") == [9, 18, 27])
    }

    @Test func aRoundIsMadeEvenWithoutTime() {
        var rounds = Rounds(5, within: -1)
        #expect(rounds.next() == 0)
        #expect(rounds.next() == nil)
    }

    @Test(arguments: [
        (1.004, Measure.ratio, "1.00 ×"), (-0.5, .milliseconds, "-0.50 ms"), (23.64, .megabytes, "23.6 MB"),
        (0, .count, "0"), (99.996, .ratio, "100.00 ×"), (-0.001, .ratio, "0.00 ×"),
    ])
    func numbersHaveTheDigitsThatMeanSomething(value: Double, measure: Measure, text: String) {
        #expect(measure.text(value) == text)
    }

    @Test func systemCallsAreCountedFromTheLastLine() {
        let table = """
            % time     seconds  usecs/call     calls    errors syscall
            ------ ----------- ----------- --------- --------- ----------------
             82.58    0.000256          25        10           wait4
             17.42    0.000054           6         9         2 clone
            ------ ----------- ----------- --------- --------- ----------------
            100.00    0.000310          16        19         2 total

            """
        #expect(SystemCallTable.total(of: table) == 19)
        #expect(SystemCallTable.total(of: "") == 0)
    }

    @Test func theTableNamesTargetAndVerdict() {
        let report = Report(rows: [
            Row(3, "submit / tsp", .ratio, [2, 2.5, 2.2], .atMost(3), detail: "tsp 1.00 ms"),
            Row(7, "reading", .ratio, [4], .atLeast(10)),
        ])
        #expect(
            report.text == """
                FIGURE        MEDIAN  QUARTILES        TARGET         IN ABSOLUTE NUMBERS
                submit / tsp  2.20 ×  2.10 × … 2.35 ×  ≤ 3     ok     tsp 1.00 ms
                reading       4.00 ×                   ≥ 10    short

                """)
    }
}
