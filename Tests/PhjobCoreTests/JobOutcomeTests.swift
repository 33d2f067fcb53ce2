import Testing

@testable import PhjobCore

struct JobOutcomeTests {
    /// An exit, and what becomes of the job if nobody asked it to stop.
    struct Case: Sendable, CustomTestStringConvertible {
        var exit: ContainerExit
        var phase: JobPhase
        var reason: JobReason
        var code: Int32?
        var signal: String?
        var words: String

        init(
            _ code: Int32, _ phase: JobPhase, _ reason: JobReason, records: Int32? = nil, signal: String? = nil,
            _ words: String, change: (inout ContainerExit) -> Void = { _ in }
        ) {
            exit = Sample.exit
            exit.exitCode = code
            change(&exit)
            self.phase = phase
            self.reason = reason
            self.code = records
            self.signal = signal
            self.words = words
        }

        var testDescription: String { "\(exit.exitCode), \(words)" }
    }

    static let cases = [
        Case(0, .succeeded, .completed, records: 0, "the command ended with exit code 0"),
        Case(1, .failed, .nonZeroExit, records: 1, "the command ended with exit code 1; see 'phjob logs'"),
        Case(125, .failed, .nonZeroExit, records: 125, "exit code 125"),
        Case(127, .failed, .nonZeroExit, records: 127, "exit code 127"),
        Case(128, .failed, .nonZeroExit, records: 128, "exit code 128"),
        Case(129, .failed, .signalled, records: 129, signal: "SIGHUP", "the command was ended by SIGHUP"),
        Case(134, .failed, .signalled, records: 134, signal: "SIGABRT", "ended by SIGABRT"),
        Case(139, .failed, .signalled, records: 139, signal: "SIGSEGV", "ended by SIGSEGV"),
        Case(143, .failed, .signalled, records: 143, signal: "SIGTERM", "not by phjob; was the engine restarted?"),
        Case(137, .failed, .signalled, records: 137, signal: "SIGKILL", "killed by SIGKILL, not by phjob"),
        Case(143, .failed, .signalled, records: 143, signal: "SIGTERM", "run 'loginctl enable-linger'") {
            $0.mayBeLogOut = true
        },
        Case(200, .failed, .nonZeroExit, records: 200, "exit code 200"),
        Case(255, .failed, .nonZeroExit, records: 255, "exit code 255"),
        Case(137, .failed, .outOfMemory, records: 137, signal: "SIGKILL", "more than the 8G of memory") {
            $0.outOfMemory = true
        },
        Case(
            5, .failed, .nonZeroExit, records: 5,
            "exit code 5; see 'phjob logs'; 1 of its processes was killed: out of memory"
        ) {
            $0.outOfMemory = true
        },
        // The script went on, and nothing else tells why its results are not all there.
        Case(0, .succeeded, .completed, records: 0, "exit code 0; 1 of its processes was killed: out of memory") {
            $0.outOfMemory = true
        },
        Case(0, .succeeded, .completed, records: 0, "exit code 0; 3 of its processes were killed: out of memory") {
            ($0.outOfMemory, $0.outOfMemoryKills) = (true, 3)
        },
        // The engines report 0 for much that never ran.
        Case(0, .unknown, .containerLost, "cannot say that its command ran to an end") { $0.isEnded = false },
        Case(0, .unknown, .containerLost, "cannot say") { $0.startTime = nil },
        Case(0, .unknown, .containerLost, "cannot say") { $0.finishTime = nil },
        Case(0, .unknown, .containerLost, "cannot say") { $0.startTime = Timestamp(milliseconds: 0) },
        Case(7, .unknown, .containerLost, "cannot say") { $0.finishTime = Sample.started.adding(seconds: -11) },
        // docker and podman record the end of a very short command some microseconds before its start.
        Case(0, .succeeded, .completed, records: 0, "exit code 0") {
            $0.finishTime = Timestamp(milliseconds: Sample.started.milliseconds - 1)
        },
        // No program ends with these.
        Case(-1, .unknown, .containerLost, "cannot say"),
        Case(256, .unknown, .containerLost, "cannot say"),
        // podman's own --timeout, which acts while no runner is there.
        Case(-1, .failed, .deadlineExceeded, "ran longer than its deadline of 1h") {
            $0.finishTime = Sample.started.adding(seconds: 3670)
        },
        Case(9, .failed, .nonZeroExit, records: 9, "exit code 9") {
            $0.finishTime = Sample.started.adding(seconds: 3670)
        },
    ]

    @Test(arguments: cases)
    func withoutIntent(_ test: Case) {
        let outcome = JobOutcome.of(test.exit, intent: nil, spec: Sample.spec())
        #expect(outcome.phase == test.phase)
        #expect(outcome.reason == test.reason)
        #expect(outcome.exitCode == test.code)
        #expect(outcome.signal == test.signal)
        #expect(outcome.message.contains(test.words), "\(outcome.message)")
        #expect(outcome.usage == Sample.exit.usage)
        #expect(outcome.cancelledBy == nil)
    }

    /// The first intent decides, whatever the exit says; code and signal are recorded where they can be believed.
    @Test(arguments: cases)
    func withIntent(_ test: Case) {
        let isCredible = (0...255).contains(test.exit.exitCode) && test.reason != .containerLost
        let kills = MemoryKills.words(test.exit.outOfMemory ? test.exit.outOfMemoryKills ?? 1 : nil)
        let suffix = kills.map { "; \($0)" } ?? ""
        let cancelled = JobOutcome.of(test.exit, intent: Sample.cancel, spec: Sample.spec())
        #expect(cancelled.phase == .cancelled && cancelled.reason == .cancelledByUser)
        #expect(cancelled.message == "cancelled by ada\(suffix)" && cancelled.cancelledBy == "ada")
        let overdue = JobOutcome.of(test.exit, intent: Sample.deadline, spec: Sample.spec())
        #expect(overdue.phase == .failed && overdue.reason == .deadlineExceeded && overdue.cancelledBy == nil)
        #expect(overdue.message == "stopped because it ran longer than its deadline of 1h\(suffix)")
        for outcome in [cancelled, overdue] {
            #expect(outcome.exitCode == (isCredible ? test.exit.exitCode : nil))
            #expect(outcome.signal == test.signal)
            #expect(outcome.usage == test.exit.usage)
        }
    }

    /// Without the launcher's mark no exit code is the command's, not even 0.
    @Test(
        arguments: [
            (0, nil, "the command never began: the container ended with exit code 0, and its log does not say why"),
            (1, "sh: syntax error", "never began: the container ended with exit code 1: sh: syntax error"),
            (126, "[FATAL tini (7)] exec /bin/sh failed: Exec format error", "this machine's processor architecture?"),
            (127, "not found", "ended with exit code 127: not found"), (137, nil, "the container was ended by SIGKILL"),
        ] as [(Int32, String?, String)])
    func neverBegan(_ code: Int32, words: String?, message: String) {
        var exit = Sample.exit
        (exit.exitCode, exit.hasBegun, exit.words) = (code, false, words)
        let outcome = JobOutcome.of(exit, intent: nil, spec: Sample.spec())
        #expect(outcome.phase == .failed && outcome.reason == .containerFailed)
        #expect(outcome.exitCode == nil && outcome.signal == nil)
        #expect(outcome.message.contains(message), "\(outcome.message)")
        // A request to stop it decides all the same.
        #expect(JobOutcome.of(exit, intent: Sample.cancel, spec: Sample.spec()).reason == .cancelledByUser)
        // With the mark, and for a job whose launcher leaves none, the code is the command's.
        for hasBegun in [true, nil] {
            exit.hasBegun = hasBegun
            #expect(JobOutcome.of(exit, intent: nil, spec: Sample.spec()).exitCode == code)
        }
    }

    /// A limit that not even the shell fits in is told as what it is.
    @Test func outOfMemoryBeforeTheCommandBegan() {
        var exit = Sample.exit
        (exit.exitCode, exit.hasBegun, exit.outOfMemory) = (137, false, true)
        #expect(JobOutcome.of(exit, intent: nil, spec: Sample.spec()).reason == .outOfMemory)
    }

    @Test func memoryMessageNamesLimitAndPeak() {
        var exit = Sample.exit
        exit.exitCode = 137
        exit.outOfMemory = true
        exit.usage?.peakMemory = MemorySize(bytes: 8 << 30)
        let message = JobOutcome.of(exit, intent: nil, spec: Sample.spec()).message
        #expect(
            message == "killed because it needed more than the 8G of memory of instance type 'gpu-2' (peak 8G); "
                + "choose a larger one")
    }

    @Test func cancelByNobodyKnown() {
        let intent = StopIntent(kind: .cancel, userName: nil, time: Sample.now)
        #expect(JobOutcome.stopped(intent, spec: Sample.spec()).message == "cancelled by an unknown user")
    }

    /// Whoever saw the end need not compare the times; that the container never ran is another matter.
    @Test func witnessed() {
        var exit = Sample.exit
        exit.finishTime = Sample.started.adding(seconds: -3600)
        #expect(JobOutcome.of(exit, intent: nil, spec: Sample.spec()).reason == .containerLost)
        exit.isWitnessed = true
        let outcome = JobOutcome.of(exit, intent: nil, spec: Sample.spec())
        #expect(outcome.phase == .failed && outcome.exitCode == 7)
        exit.isEnded = false
        #expect(JobOutcome.of(exit, intent: nil, spec: Sample.spec()).reason == .containerLost)
        exit.isEnded = true
        exit.startTime = nil
        #expect(JobOutcome.of(exit, intent: nil, spec: Sample.spec()).reason == .containerLost)
    }

    @Test func aBackstopNeedsADeadline() {
        var exit = Sample.exit
        exit.exitCode = -1
        exit.finishTime = Sample.started.adding(seconds: 1_000_000)
        let outcome = JobOutcome.of(exit, intent: nil, spec: Sample.spec { $0.activeDeadlineSeconds = nil })
        #expect(outcome.phase == .unknown)
    }

    @Test func signals() {
        #expect(Signal.ofExitCode(137) == .kill && Signal.ofExitCode(143) == .terminate)
        #expect(Signal.kill.exitCode == 137)
        #expect(Signal.ofExitCode(9) == nil && Signal.ofExitCode(128) == nil && Signal.ofExitCode(160) == nil)
        #expect(Signal(number: 0) == nil && Signal(number: 32) == nil && Signal(number: 64) == nil)
        #expect((1...31).allSatisfy { Signal(number: $0)?.name.hasPrefix("SIG") == true })
    }
}
