import PhjobCore
import PhjobTestSupport
import Testing

@testable import PhjobEngine

struct ContainerRequestTests {
    @Test func madeFromTheJob() throws {
        let request = try EngineSample.request(gpus: [2])
        #expect(request.name == "phjob-job-202611210727-000000")
        #expect(request.labels == ContainerLabels(job: SampleJob.id(), state: "s1"))
        #expect(request.imageID == EngineSample.imageID && request.gpus == [GPU(index: 2)] && request.network == "none")
        #expect(request.user == SampleJob.spec().user && request.pidsLimit == 1024 && request.stopGraceSeconds == 10)
        #expect(request.logPath == "/state/jobs/j/log" && request.pidPath == "/state/jobs/j/pid")
        #expect(
            request.mounts == [
                .init("/state/jobs/j/home", at: "/home/jovyan"),
                .init("/state/jobs/j/launcher", at: "/run/phjob", isReadOnly: true),
                .init("/state/jobs/j/launcher/began", at: "/run/phjob/began"),
                .init("/state/jobs/j/passwd", at: "/etc/passwd", isReadOnly: true),
                .init("/state/jobs/j/group", at: "/etc/group", isReadOnly: true),
                .init("/srv/volumes/research", at: "/project/research"),
                .init("/srv/datasets/digits", at: "/datasets/digits", isReadOnly: true),
            ])
    }

    /// The engine's own end comes after the runner's, which has the grace period to go through.
    @Test(arguments: [(60, 10, 130), (nil, 10, nil), (1, 0, 61)] as [(Int64?, Int64, Int64?)])
    func backstop(_ deadline: Int64?, grace: Int64, backstop: Int64?) throws {
        var spec = SampleJob.spec()
        spec.activeDeadlineSeconds = deadline
        spec.settings.stopGraceSeconds = grace
        #expect(try EngineSample.request(spec: spec).backstopSeconds == backstop)
    }

    @Test func everyTargetIsMountedOnce() throws {
        let targets = try EngineSample.request().mounts.map(\.target)
        #expect(Set(targets).count == targets.count)
    }

    @Test func limitsOfThisProcess() {
        let limits = ProcessLimits.current
        #expect(limits.openFiles ?? 1 > 0 && limits.processes ?? 1 > 0)
    }
}
