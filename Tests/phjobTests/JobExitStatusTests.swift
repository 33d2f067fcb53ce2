import PhjobAPI
import PhjobCore
import Testing

@testable import phjob

@Suite struct JobExitStatusTests {
    @Test(arguments: [
        (JobPhase.succeeded, JobReason.completed, Int32?(0), Int32(0)),
        (.failed, .nonZeroExit, 3, 3), (.failed, .signalled, 143, 143), (.failed, .outOfMemory, 137, 137),
        (.failed, .deadlineExceeded, 143, 121), (.failed, .deadlineExceeded, 0, 121),
        (.failed, .imageUnavailable, nil, 122), (.failed, .containerFailed, nil, 122),
        (.failed, .unschedulable, nil, 122),
        (.failed, .nonZeroExit, nil, 123), (.failed, .nonZeroExit, 0, 123), (.failed, JobReason(rawValue: "New"), 7, 7),
        (.cancelled, .cancelledByUser, 0, 120), (.cancelled, .cancelledByUser, nil, 120),
        (.unknown, .nodeLost, nil, 123), (.unknown, .containerLost, nil, 123), (.running, .started, nil, 123),
    ])
    func tellsHowTheJobEnded(phase: JobPhase, reason: JobReason, code: Int32?, status: Int32) {
        #expect(JobExitStatus.of(SampleView.ended(phase, reason, code: code)) == status)
    }

    @Test func ofSeveralJobsTheFirstFailureInTheOrderGivenCounts() {
        let jobs = [
            SampleView.succeeded, SampleView.ended(.failed, .nonZeroExit, code: 4),
            SampleView.ended(.failed, .nonZeroExit, code: 5),
        ]
        #expect(JobAttendant.Ending.ended(jobs).exitStatus == 4)
        #expect(JobAttendant.Ending.ended([jobs[0]]).exitStatus == 0)
        #expect(JobAttendant.Ending.timedOut.exitStatus == 124)
        #expect(JobAttendant.Ending.left(signal: 15).exitStatus == 143)
    }

    @Test func ofAnyJobTheFirstThatEndedCounts() {
        let late = SampleView.ended(.failed, .nonZeroExit, code: 4, number: 1)
        let early = SampleView.ended(.failed, .nonZeroExit, code: 5, number: 2) { $0.finishTime = $0.startTime }
        #expect(WaitCommand.ended([SampleView.running, late, early], any: true) == [early])
        #expect(WaitCommand.ended([SampleView.running, late, early], any: false) == [late, early])
    }
}
