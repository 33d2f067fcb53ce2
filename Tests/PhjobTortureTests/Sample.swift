import PhjobAPI
import PhjobCore
import PhjobTestSupport

@testable import PhjobTorture

/// Jobs as lists show them, for checks that must find what is wrong with them.
enum Sample {
    static let plan: JobPlan = {
        var plan = JobPlan(number: 7)
        plan.lines = 3
        plan.ending = .exit(3)
        return plan
    }()

    static let id = SampleJob.id(7)

    /// A job of ``plan`` in a phase of ordinary life, all as it must be.
    static func sighting(_ phase: JobPhase = .failed, id: JobID = Sample.id) -> Sighting {
        var sighting = Sighting(JobView(SampleJob.job(), JobView.Circumstances()))
        (sighting.id, sighting.name, sighting.phase) = (id, plan.name, phase)
        guard phase != .pending else { return sighting }
        sighting.startTime = sighting.createTime.adding(seconds: 2)
        guard phase.isFinal else { return sighting }
        sighting.finishTime = sighting.createTime.adding(seconds: 9)
        (sighting.reason, sighting.exitCode) = (.nonZeroExit, 3)
        return sighting
    }

    /// What a job of ``plan`` leaves on the volume.
    static let marks = "ran\n1\n2\n3\nend\n"
    /// What it prints.
    static let log = "out 7 1\nerr 7 1\nout 7 2\nout 7 3\nerr 7 2\nerr 7 3\n"
}
