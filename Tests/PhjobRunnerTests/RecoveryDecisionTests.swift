import PhjobCore
import Testing

@testable import PhjobEngine
@testable import PhjobRunner

@Suite("What is believed after a restart")
struct RecoveryDecisionTests {
    /// What the engine says of the container.
    enum Found: String, CaseIterable, CustomTestStringConvertible {
        case absent, created, createdAfterStart, running, stopping, exited, exitedByReboot, exitedUnbelievably,
            unknownWord
        var testDescription: String { rawValue }
    }

    struct Situation: CustomTestStringConvertible {
        var isLaunch: Bool
        var isSameBoot: Bool
        var isSettled: Bool
        var createdMeansNeverRan: Bool
        var hasMonitor: Bool

        var testDescription: String {
            "launch \(isLaunch), same boot \(isSameBoot), settled \(isSettled), created never ran \(createdMeansNeverRan), "
                + "monitor \(hasMonitor)"
        }

        static let all: [Situation] = (0..<32).map { bits in
            Situation(
                isLaunch: bits & 1 != 0, isSameBoot: bits & 2 != 0, isSettled: bits & 4 != 0,
                createdMeansNeverRan: bits & 8 != 0, hasMonitor: bits & 16 != 0)
        }
    }

    private enum Verdict: Equatable {
        case lookAgain, exited, started, notBegun, uncertain, nodeLost, containerLost
    }

    private static let time = Timestamp(milliseconds: 1_800_000_000_000)
    private static let process = ContainerIdentity.ProcessIdentity(pid: 42, startTicks: 7)

    private static func inspection(_ found: Found) -> ContainerInspection? {
        var inspection = ContainerInspection(
            id: "cafe", name: "phjob-x", labels: [:], status: "exited", pid: 0, exitCode: 3, outOfMemory: false,
            startTime: time, finishTime: time.adding(seconds: 1), error: "")
        switch found {
        case .absent: return nil
        case .created:
            (inspection.status, inspection.startTime, inspection.finishTime, inspection.exitCode) = (
                "created", nil, nil, 0
            )
        case .createdAfterStart: (inspection.status, inspection.finishTime, inspection.exitCode) = ("created", nil, 0)
        case .running, .stopping: (inspection.status, inspection.pid, inspection.exitCode) = (found.rawValue, 42, 0)
        case .exited: break
        case .exitedByReboot: inspection.exitCode = 255
        case .exitedUnbelievably: (inspection.startTime, inspection.exitCode) = (nil, 0)
        case .unknownWord: (inspection.status, inspection.startTime, inspection.finishTime) = ("initialized", nil, nil)
        }
        return inspection
    }

    /// The rules, in words of their own.
    private static func wanted(_ found: Found, _ situation: Situation) -> Verdict {
        switch found {
        // A shutdown ends commands by signals that they may answer with any code.
        case .exited, .exitedByReboot, .exitedUnbelievably: return situation.isSameBoot ? .exited : .nodeLost
        case .absent:
            if situation.isLaunch, !situation.isSettled { return .lookAgain }
            if situation.isLaunch { return situation.hasMonitor ? .uncertain : .notBegun }
            return situation.isSameBoot ? .containerLost : .nodeLost
        case .running, .stopping: return situation.isSameBoot ? .started : .nodeLost
        case .created, .createdAfterStart, .unknownWord:
            if !situation.isSameBoot { return .nodeLost }
            if !situation.isLaunch { return .containerLost }
            if !situation.isSettled { return .lookAgain }
            return situation.createdMeansNeverRan && found == .created ? .notBegun : .uncertain
        }
    }

    @Test("Every combination", arguments: Found.allCases, Situation.all)
    func table(_ found: Found, _ situation: Situation) {
        let event = RecoveryDecision.decide(
            Self.inspection(found), isLaunch: situation.isLaunch, isSameBoot: situation.isSameBoot,
            isSettled: situation.isSettled, createdMeansNeverRan: situation.createdMeansNeverRan,
            hasMonitor: situation.hasMonitor, process: Self.process, bootID: "boot", now: Self.time.adding(seconds: 60))
        let verdict: Verdict
        switch event {
        case nil: verdict = .lookAgain
        case .exited(let exit):
            verdict = .exited
            #expect(exit == Self.inspection(found)?.exit)
        case .started(let container, let start):
            verdict = .started
            #expect(container == ContainerIdentity(id: "cafe", process: Self.process, bootID: "boot"))
            #expect(start == Self.time)
        case .launchNotBegun: verdict = .notBegun
        case .launchUncertain: verdict = .uncertain
        case .lost(.nodeLost, _): verdict = .nodeLost
        case .lost(.containerLost, _): verdict = .containerLost
        default:
            Issue.record("\(String(describing: event)) is no answer")
            return
        }
        #expect(verdict == Self.wanted(found, situation))
    }

    @Test("A start time that is missing or in the future is not believed")
    func startTime() {
        for start in [nil, Self.time.adding(seconds: 3600)] {
            var found = Self.inspection(.running)
            found?.startTime = start
            let event = RecoveryDecision.decide(
                found, isLaunch: true, isSameBoot: true, isSettled: false, createdMeansNeverRan: false,
                hasMonitor: false, process: Self.process, bootID: "boot", now: Self.time)
            guard case .started(_, at: Self.time) = event else {
                Issue.record("\(String(describing: event))")
                continue
            }
        }
    }

    @Test("A container that the engine has and cannot describe holds a job only while its process lives")
    func undescribed() {
        let image = ResolvedImage(id: "00", repoDigest: nil)
        let container = ContainerIdentity(id: "cafe", process: Self.process, bootID: "boot")
        let known = RunningJob(gpus: [], image: image, container: container, startTime: Self.time, deadline: nil)
        func decide(_ known: RunningJob?, boot: Bool = true, alive: Bool = false, overdue: Bool = false) -> JobEvent? {
            RecoveryDecision.decide(
                undescribed: "words", known: known, isSameBoot: boot, isAlive: alive, isOverdue: overdue)
        }
        for job in [known, nil] {
            for overdue in [false, true] {
                #expect(decide(job, boot: false, overdue: overdue) == RecoveryDecision.nodeLost)
            }
        }
        #expect(decide(known) == nil)
        #expect(decide(known, alive: true) == .started(container, at: Self.time))
        #expect(decide(known, overdue: true) == .lost(.containerLost, message: "words"))
        #expect(decide(nil) == nil)
        #expect(decide(nil, overdue: true) == .launchUncertain)
    }
}
