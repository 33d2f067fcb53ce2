import Testing

@testable import PhjobTorture

@Suite struct LogCheckTests {
    private static func problems(_ text: String, _ extent: LogCheck.Extent = .whole) -> [String] {
        LogCheck(plan: Sample.plan).problems(in: text, extent)
    }

    @Test func aWholeLogIsRight() {
        #expect(Self.problems(Sample.log).isEmpty)
        #expect(Self.problems(Sample.log, .stopped(after: 3)).isEmpty)
        #expect(Self.problems(Sample.log, .part).isEmpty)
    }

    @Test func aLineThatIsThereTwiceIsFound() {
        let text = Sample.log.replacing("out 7 2\n", with: "out 7 2\nout 7 2\n")
        for extent in [LogCheck.Extent.whole, .stopped(after: 3), .part] {
            #expect(Self.problems(text, extent) == ["its log has 'out 7 2' twice, or out of order"])
        }
    }

    @Test func aLineThatIsMissingIsFound() {
        for line in ["out 7 1\n", "out 7 2\n", "err 7 2\n"] {
            for extent in [LogCheck.Extent.whole, .stopped(after: 3), .part] {
                #expect(Self.problems(Sample.log.replacing(line, with: ""), extent).count == 1, "\(line) \(extent)")
            }
        }
        #expect(Self.problems(Sample.log.replacing("err 7 3\n", with: "")).count == 1)
        #expect(Self.problems("").count == 2)
    }

    @Test func linesOutOfOrderAreFound() {
        #expect(!Self.problems("out 7 1\nout 7 3\nout 7 2\n", .part).isEmpty)
    }

    @Test func linesOfOthersAndTornLinesAreFound() {
        #expect(Self.problems(Sample.log + "out 8 1\n").count == 1)
        #expect(Self.problems(Sample.log + "[phjob: the log has reached its bound]\n").count == 1)
        #expect(Self.problems(Sample.log + "ou").count == 1)
        #expect(Self.problems(Sample.log + "out 7 4\n").count == 1)
    }

    /// What was stopped may have printed one line more than it had marked, and no line less.
    @Test func aStoppedJobsLogHoldsWhatItMarked() {
        let text = "out 7 1\nerr 7 1\nout 7 2\n"
        #expect(Self.problems(text, .stopped(after: 1)).isEmpty)
        #expect(Self.problems(text, .stopped(after: 2)).count == 1)
        #expect(Self.problems(text, .stopped(after: 0)).count == 1)
        #expect(Self.problems(text, .part).isEmpty)
    }
}
