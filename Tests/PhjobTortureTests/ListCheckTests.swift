import PhjobCore
import PhjobTestSupport
import Testing

@testable import PhjobTorture

@Suite struct ListCheckTests {
    private static func violations(_ before: Sighting?, _ now: [Sighting]) -> [Violation] {
        ListCheck(
            acknowledged: [Sample.id: Sample.plan], sent: [Sample.plan.name],
            before: before.map { [$0.id: $0] } ?? [:]
        ).violations(in: now)
    }

    @Test func ordinaryLifeIsRight() {
        let phases: [JobPhase] = [.pending, .preparing, .running, .failed]
        for (index, phase) in phases.enumerated() {
            for later in phases[index...] {
                let before = Sample.sighting(phase == .preparing ? .pending : phase)
                #expect(Self.violations(before, [Sample.sighting(later)]).isEmpty, "\(phase) → \(later)")
            }
        }
        #expect(Self.violations(nil, [Sample.sighting(.pending)]).isEmpty)
    }

    @Test func anAcknowledgedJobThatIsMissingIsFound() {
        #expect(Self.violations(nil, []).map(\.job) == [Sample.id])
        #expect(Self.violations(Sample.sighting(), []).map(\.job) == [Sample.id])
    }

    @Test func aJobThatWasListedAndIsMissingIsFound() {
        let other = Sample.sighting(id: SampleJob.id(8))
        let check = ListCheck(acknowledged: [:], sent: [Sample.plan.name], before: [other.id: other])
        #expect(check.violations(in: []).map(\.job) == [other.id])
    }

    @Test func anyChangeOfAnEndIsFound() {
        let changes: [(inout Sighting) -> Void] = [
            { $0.phase = .succeeded }, { $0.phase = .running }, { $0.reason = .signalled }, { $0.exitCode = 0 },
            { $0.exitCode = nil }, { $0.signal = "SIGKILL" }, { $0.message = "another" },
            { $0.startTime = $0.createTime }, { $0.finishTime = $0.finishTime?.adding(seconds: 1) },
        ]
        for change in changes {
            var now = Sample.sighting()
            change(&now)
            #expect(Self.violations(Sample.sighting(), [now]).count == 1)
        }
    }

    @Test func aPhaseThatGoesBackIsFound() {
        #expect(!Self.violations(Sample.sighting(.running), [Sample.sighting(.preparing)]).isEmpty)
        #expect(!Self.violations(Sample.sighting(.running), [Sample.sighting(.pending)]).isEmpty)
    }

    @Test func aSecondJobOfOneSubmissionIsFound() {
        let twice = [Sample.sighting(), Sample.sighting(id: SampleJob.id(8))]
        #expect(Self.violations(nil, twice).map(\.text) == ["torture-7 was submitted once, and became 2 jobs"])
    }

    @Test func aJobOfAnotherNameAndOneOfNobodyAreFound() {
        var other = Sample.sighting()
        other.name = "torture-8"
        #expect(Self.violations(nil, [other]).count == 2)
    }

    @Test func aJobThatGivesNoReasonIsFound() {
        var silent = Sample.sighting(.pending)
        silent.message = ""
        #expect(Self.violations(nil, [silent]).count == 1)
    }
}
