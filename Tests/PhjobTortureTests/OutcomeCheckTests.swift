import PhjobCore
import Testing

@testable import PhjobTorture

@Suite struct OutcomeCheckTests {
    private static func problems(
        _ job: Sighting = Sample.sighting(), marks: String = Sample.marks, cancel: OutcomeCheck.Cancel = .never,
        mayBeUncertain: Bool = false, plan: (inout JobPlan) -> Void = { _ in }
    ) -> [String] {
        var changed = Sample.plan
        plan(&changed)
        return OutcomeCheck(
            plan: changed, marks: RunMarks(reading: marks), cancel: cancel, mayBeUncertain: mayBeUncertain
        ).problems(of: job)
    }

    private static func ended(_ phase: JobPhase, _ reason: JobReason, code: Int32? = nil) -> Sighting {
        var job = Sample.sighting(phase)
        (job.reason, job.exitCode) = (reason, code)
        job.signal = code.flatMap { Signal.ofExitCode($0) }?.name
        return job
    }

    @Test func rightOutcomesAreRight() {
        #expect(Self.problems().isEmpty)
        #expect(Self.problems(Self.ended(.succeeded, .completed, code: 0)) { $0.ending = .exit(0) }.isEmpty)
        #expect(Self.problems(Self.ended(.failed, .signalled, code: 137)) { $0.ending = .signal(.kill) }.isEmpty)
        #expect(Self.problems(Self.ended(.cancelled, .cancelledByUser), marks: "", cancel: .sent).isEmpty)
        #expect(Self.problems(Self.ended(.cancelled, .cancelledByUser), marks: "ran\n1\n", cancel: .accepted).isEmpty)
        let late = Self.ended(.failed, .deadlineExceeded, code: 143)
        #expect(Self.problems(late, marks: "ran\n1\n") { $0.deadlineSeconds = 7 }.isEmpty)
    }

    @Test func aWrongCodeIsFound() {
        #expect(Self.problems(Self.ended(.failed, .nonZeroExit, code: 7)).count == 1)
        #expect(Self.problems(Self.ended(.succeeded, .completed, code: 0)).count == 1)
        #expect(Self.problems(Self.ended(.failed, .nonZeroExit)).count == 1)
        #expect(Self.problems(Self.ended(.failed, .signalled, code: 143)) { $0.ending = .signal(.kill) }.count == 1)
        var nameless = Self.ended(.failed, .signalled, code: 137)
        nameless.signal = nil
        #expect(Self.problems(nameless) { $0.ending = .signal(.kill) }.count == 1)
    }

    @Test func aSecondRunAndNoneAreFound() {
        #expect(!Self.problems(marks: Sample.marks + Sample.marks).isEmpty)
        #expect(!Self.problems(marks: "").isEmpty)
        #expect(!Self.problems(marks: "ran\n1\n").isEmpty)
        #expect(!Self.problems(Self.ended(.cancelled, .cancelledByUser), marks: "ran\nran\n", cancel: .sent).isEmpty)
    }

    @Test func anEndThatNobodyAskedForIsFound() {
        #expect(Self.problems(Self.ended(.cancelled, .cancelledByUser)).count == 1)
        #expect(Self.problems(Self.ended(.failed, .deadlineExceeded)).count == 1)
        #expect(Self.problems(Self.ended(.failed, .deadlineExceeded)) { $0.deadlineSeconds = 8 }.count == 1)
        #expect(Self.problems(Self.ended(.failed, .containerFailed)).count == 1)
        #expect(Self.problems(Self.ended(.unknown, .containerLost), mayBeUncertain: true).count == 1)
    }

    @Test func anAcceptedCancellationThatCameToNothingIsFound() {
        #expect(Self.problems(cancel: .accepted).count == 1)
        #expect(Self.problems(cancel: .sent).isEmpty)
    }

    @Test func anInterruptedLaunchIsAllowedOnlyWhereClientsAreKilled() {
        let job = Self.ended(.unknown, .launchInterrupted)
        #expect(Self.problems(job, marks: "").count == 1)
        #expect(Self.problems(job, marks: "", mayBeUncertain: true).isEmpty)
        #expect(Self.problems(job, marks: "ran\nran\n", mayBeUncertain: true).count == 1)
    }

    @Test func impossibleTimesAreFound() {
        var job = Sample.sighting()
        job.finishTime = job.createTime
        #expect(Self.problems(job).count == 1)
        job.finishTime = nil
        #expect(Self.problems(job).count == 1)
        #expect(Self.problems(Sample.sighting(.running)) == ["has not ended"])
    }
}
