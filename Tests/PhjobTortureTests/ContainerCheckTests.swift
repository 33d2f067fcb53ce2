import PhjobCore
import PhjobTestSupport
import Testing

@testable import PhjobTorture

@Suite struct ContainerCheckTests {
    private static func violations(_ stage: RecordStage?, _ phase: JobPhase, _ names: [String]) -> [Violation] {
        ContainerCheck(
            stages: stage.map { [Sample.id: $0] } ?? [:], jobs: [Sample.id: Sample.sighting(phase)]
        ).violations(in: names)
    }

    @Test func ordinaryLifeIsRight() {
        let name = Sample.id.containerName
        #expect(Self.violations(nil, .running, [name]).isEmpty)
        #expect(Self.violations(.launching, .preparing, []).isEmpty)
        #expect(Self.violations(.running, .running, [name, ContainerCheck.imagePrefix + "0123"]).isEmpty)
        #expect(Self.violations(.running, .failed, []).isEmpty)
        #expect(Self.violations(.cleaningUp, .failed, [name]).isEmpty)
        #expect(Self.violations(.done, .failed, []).isEmpty)
    }

    @Test func aContainerWithoutARecordIsFound() {
        #expect(Self.violations(nil, .running, [SampleJob.id(8).containerName]).count == 1)
        #expect(Self.violations(nil, .running, ["phjob-what"]).count == 1)
    }

    @Test func aContainerThatOutlivesItsJobIsFound() {
        #expect(Self.violations(.done, .failed, [Sample.id.containerName]).map(\.job) == [Sample.id])
    }

    @Test func aRunningJobWithoutAContainerIsFound() {
        #expect(Self.violations(.running, .running, []).map(\.job) == [Sample.id])
        #expect(Self.violations(.stopping, .running, []).map(\.job) == [Sample.id])
    }
}
