@testable import PhjobCore

/// What each event does in each state, written down a second time and in another way than the state machine is.
enum TransitionTable {
    /// What is expected of one pair.
    enum Expectation {
        /// ``IllegalTransition``, and the job as it was.
        case illegal
        /// The job as it was, and these effects.
        case stays([JobEffect])
        /// Another state of the same phase, which is no entry of the history.
        case updates(JobState, [JobEffect])
        /// Another phase, which is an entry of the history.
        case enters(JobState, JobReason, [JobEffect])
    }

    typealias Row = [EventKind: Expectation]

    /// Nil for a pair that nobody has thought about.
    static func expectation(_ state: StateKind, _ event: EventKind) -> Expectation? {
        row(state)[event]
    }

    private static func row(_ state: StateKind) -> Row {
        switch state {
        case .pending: pending
        case .unlaunched(let intent): unlaunched(StateKind.intent(intent))
        case .launched(let intent): launched(StateKind.intent(intent))
        case .running(let intent): running(StateKind.intent(intent))
        case .ended(let phase, let cleanedUp, let logExpired):
            ended(phase, cleanedUp: cleanedUp, logExpired: logExpired)
        }
    }

    private static let pending: Row = [
        .recovered: .stays([.plan]),
        .admitted: .enters(.preparing(PreparingJob(gpus: [2, 3])), .preparingImage, [.prepare]),
        .foundUnschedulable: neverStarted(.failed, .unschedulable, "too large"),
        .cancelRequested: neverStarted(.cancelled, .cancelledByUser, "cancelled by grace", by: "grace"),
        .queueingChanged: .updates(
            .pending(
                PendingJob(
                    priority: 5,
                    hold: PendingJob.Hold(userName: "grace", time: Sample.now, isByAdministrator: true))), [.plan]),
        .prepared: .illegal, .preparationFailed: .illegal, .started: .illegal, .launchFailed: .illegal,
        .launchNotBegun: .illegal, .launchUncertain: .illegal, .exited: .illegal, .lost: .illegal,
        .deadlinePassed: .illegal, .scratchLimitPassed: .illegal, .processesKilled: .illegal, .logCollected: .illegal,
        .cleanedUp: .illegal,
        .logExpired: .illegal,
    ]

    private static func unlaunched(_ intent: StopIntent?) -> Row {
        let launch = PreparingJob.Launch(image: Sample.image, requestTime: Sample.now, bootID: Sample.bootID)
        return [
            .recovered: .stays([.prepare]),
            .prepared: .updates(
                .preparing(PreparingJob(gpus: [0, 1], launch: launch, intent: intent)), [.launch]),
            .preparationFailed: neverStarted(.failed, .imageUnavailable, "no such image", gpus: [0, 1]),
            .cancelRequested: neverStarted(
                .cancelled, .cancelledByUser, "cancelled by grace", by: "grace", gpus: [0, 1],
                effects: [.abandonPreparation, .cleanUp, .plan]),
            .admitted: .illegal, .foundUnschedulable: .illegal, .started: .illegal, .launchFailed: .illegal,
            .launchNotBegun: .illegal, .launchUncertain: .illegal, .exited: .illegal, .lost: .illegal,
            .deadlinePassed: .illegal, .scratchLimitPassed: .illegal, .processesKilled: .illegal,
            .queueingChanged: .illegal,
            .logCollected: .illegal, .cleanedUp: .illegal,
            .logExpired: .illegal,
        ]
    }

    private static func launched(_ intent: StopIntent?) -> Row {
        let running = RunningJob(
            gpus: [0, 1], image: Sample.image, container: EventKind.newContainer, startTime: Sample.now,
            deadline: Sample.now.adding(seconds: 3600), intent: intent)
        let asked = PreparingJob(
            gpus: [0, 1], launch: Sample.launch,
            intent: StopIntent(kind: .cancel, userName: "grace", time: Sample.now))
        let cancelled = JobOutcome(
            phase: .cancelled, reason: .cancelledByUser, message: "cancelled by ada", cancelledBy: "ada")
        return [
            .recovered: .stays([.findLaunch]),
            .started: .enters(.running(running), .started, intent == nil ? [.watch] : [.watch, .stop]),
            .launchFailed: afterLaunch(
                intent == nil
                    ? JobOutcome(phase: .failed, reason: .containerFailed, message: "no such mount") : cancelled),
            .launchNotBegun: intent == nil ? .stays([.launch]) : afterLaunch(cancelled),
            .launchUncertain: afterLaunch(
                intent.map(stopped)
                    ?? JobOutcome(
                        phase: .unknown, reason: .launchInterrupted,
                        message: "the runner ended while the container was being started, and the engine cannot say "
                            + "whether the command ran; it was not started again")),
            .exited: afterLaunch(
                exited(intent), start: Sample.exit.startTime, finish: Sample.created.adding(seconds: 90)),
            .lost: afterLaunch(intent.map(stopped) ?? lost, logIncomplete: restarted),
            .cancelRequested: intent == nil ? .updates(.preparing(asked), []) : .stays([]),
            .admitted: .illegal, .foundUnschedulable: .illegal, .prepared: .illegal, .preparationFailed: .illegal,
            .deadlinePassed: .illegal, .scratchLimitPassed: .illegal, .processesKilled: .illegal,
            .queueingChanged: .illegal,
            .logCollected: .illegal, .cleanedUp: .illegal,
            .logExpired: .illegal,
        ]
    }

    private static func running(_ intent: StopIntent?) -> Row {
        func with(_ intent: StopIntent?, _ container: ContainerIdentity = Sample.container) -> JobState {
            .running(
                RunningJob(
                    gpus: [0, 1], image: Sample.image, container: container, startTime: Sample.started,
                    deadline: Sample.started.adding(seconds: 3600), intent: intent))
        }
        var killed = RunningJob(
            gpus: [0, 1], image: Sample.image, container: Sample.container, startTime: Sample.started,
            deadline: Sample.started.adding(seconds: 3600), intent: intent)
        killed.outOfMemoryKills = 2
        let cancel = StopIntent(kind: .cancel, userName: "grace", time: Sample.now)
        let deadline = StopIntent(kind: .deadline, time: Sample.now)
        let scratchLimit = StopIntent(kind: .scratchLimit, time: Sample.now)
        return [
            .recovered: .stays([.findContainer]),
            .started: .updates(with(intent, EventKind.newContainer), intent == nil ? [.watch] : [.watch, .stop]),
            .processesKilled: .updates(.running(killed), []),
            .exited: ran(exited(intent), finish: Sample.created.adding(seconds: 90)),
            .lost: ran(intent.map(stopped) ?? lost, logIncomplete: restarted),
            .cancelRequested: intent == nil ? .updates(with(cancel), [.stop]) : .stays([]),
            .deadlinePassed: intent == nil ? .updates(with(deadline), [.stop]) : .stays([]),
            .scratchLimitPassed: intent == nil ? .updates(with(scratchLimit), [.stop]) : .stays([]),
            .queueingChanged: .illegal,
            .admitted: .illegal, .foundUnschedulable: .illegal, .prepared: .illegal, .preparationFailed: .illegal,
            .launchFailed: .illegal, .launchNotBegun: .illegal, .launchUncertain: .illegal, .logCollected: .illegal,
            .cleanedUp: .illegal, .logExpired: .illegal,
        ]
    }

    private static func ended(_ phase: JobPhase, cleanedUp: Bool, logExpired: Bool) -> Row {
        func with(_ change: (inout EndedJob) -> Void) -> JobState {
            guard case .ended(var ended) = Sample.ended(phase, cleanedUp: cleanedUp, logExpired: logExpired) else {
                return .pending(PendingJob())
            }
            change(&ended)
            return .ended(ended)
        }
        let cleaned = with {
            $0.isCleanedUp = true
            $0.logIncomplete = "the disk was full"
        }
        let collected = with {
            $0.isLogCollected = true
            $0.logIncomplete = "the disk was full"
        }
        let found: [JobEffect] = !cleanedUp ? [.cleanUp] : logExpired ? [.removeLog] : []
        return [
            .recovered: .stays(found),
            .logCollected: .updates(collected, []),
            .cleanedUp: .updates(cleaned, []),
            .logExpired: logExpired ? .stays([]) : .updates(with { $0.logExpireTime = Sample.now }, [.removeLog]),
            // Reports that come too late.
            .prepared: .stays([]), .preparationFailed: .stays([]), .started: .stays([]), .launchFailed: .stays([]),
            .launchNotBegun: .stays([]), .launchUncertain: .stays([]), .exited: .stays([]), .lost: .stays([]),
            .deadlinePassed: .stays([]), .scratchLimitPassed: .stays([]), .processesKilled: .stays([]),
            .admitted: .illegal, .foundUnschedulable: .illegal, .cancelRequested: .illegal, .queueingChanged: .illegal,
        ]
    }
}

extension TransitionTable {
    private static let restarted = "the machine was shut down or restarted while the job ran"
    private static let lost = JobOutcome(phase: .unknown, reason: .nodeLost, message: "the host was restarted")

    private static func stopped(_ intent: StopIntent) -> JobOutcome {
        switch intent.kind {
        case .cancel:
            JobOutcome(phase: .cancelled, reason: .cancelledByUser, message: "cancelled by ada", cancelledBy: "ada")
        case .deadline:
            JobOutcome(
                phase: .failed, reason: .deadlineExceeded,
                message: "stopped because it ran longer than its deadline of 1h")
        case .scratchLimit:
            JobOutcome(phase: .failed, reason: .scratchLimitExceeded, message: tooMuch)
        }
    }

    private static let tooMuch =
        "stopped because it wrote more than the 5G that a job may have beside its volume and datasets; put large files on the "
        + "group's volume"

    private static func exited(_ intent: StopIntent?) -> JobOutcome {
        let usage = Sample.exit.usage
        return switch intent?.kind {
        case .cancel:
            JobOutcome(
                phase: .cancelled, reason: .cancelledByUser, message: "cancelled by ada", exitCode: 7, usage: usage,
                cancelledBy: "ada")
        case .deadline:
            JobOutcome(
                phase: .failed, reason: .deadlineExceeded,
                message: "stopped because it ran longer than its deadline of 1h", exitCode: 7, usage: usage)
        case .scratchLimit:
            JobOutcome(
                phase: .failed, reason: .scratchLimitExceeded, message: tooMuch, exitCode: 7, usage: usage)
        case nil:
            JobOutcome(
                phase: .failed, reason: .nonZeroExit, message: "the command ended with exit code 7; see 'phjob logs'",
                exitCode: 7, usage: usage)
        }
    }

    private static func neverStarted(
        _ phase: JobPhase, _ reason: JobReason, _ message: String, by userName: String? = nil, gpus: [GPU] = [],
        effects: [JobEffect] = [.cleanUp, .plan]
    ) -> Expectation {
        let outcome = JobOutcome(phase: phase, reason: reason, message: message, cancelledBy: userName)
        let ended = EndedJob(
            outcome: outcome, startTime: nil, finishTime: Sample.now, image: nil, gpus: gpus, containerID: nil,
            mayHaveContainer: false)
        return .enters(.ended(ended), reason, effects)
    }

    private static func afterLaunch(
        _ outcome: JobOutcome, start: Timestamp? = nil, finish: Timestamp = Sample.now, logIncomplete: String? = nil
    ) -> Expectation {
        var ended = EndedJob(
            outcome: outcome, startTime: start, finishTime: finish, image: Sample.image, gpus: [0, 1], containerID: nil,
            mayHaveContainer: true)
        ended.logIncomplete = logIncomplete
        return .enters(.ended(ended), outcome.reason, [.cleanUp, .plan])
    }

    private static func ran(
        _ outcome: JobOutcome, finish: Timestamp = Sample.now, logIncomplete: String? = nil
    ) -> Expectation {
        var ended = EndedJob(
            outcome: outcome, startTime: Sample.started, finishTime: finish, image: Sample.image, gpus: [0, 1],
            containerID: Sample.container.id, mayHaveContainer: true)
        ended.logIncomplete = logIncomplete
        return .enters(.ended(ended), outcome.reason, [.cleanUp, .plan])
    }
}
