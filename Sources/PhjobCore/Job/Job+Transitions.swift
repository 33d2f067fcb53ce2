extension Job {
    /// The state machine: takes an event, changes the job, and says what is to be done once the record is saved.
    ///
    /// Pure: no clock, no I/O. Reports that come too late, about a job that has ended meanwhile, change nothing.
    ///
    /// - Parameter now: the time of the event, for history and intents.
    /// - Throws: ``IllegalTransition``; then nothing was changed.
    package mutating func handle(_ event: JobEvent, at now: Timestamp) throws(IllegalTransition) -> [JobEffect] {
        switch state {
        case .pending(let pending): try handlePending(event, pending, at: now)
        case .preparing(let preparing): try handlePreparing(event, preparing, at: now)
        case .running(let running): try handleRunning(event, running, at: now)
        case .ended(let ended): try handleEnded(event, ended, at: now)
        }
    }

    private mutating func handlePending(
        _ event: JobEvent, _ pending: PendingJob, at now: Timestamp
    ) throws(IllegalTransition) -> [JobEffect] {
        switch event {
        case .recovered:
            return [.plan]
        case .admitted(let gpus):
            enter(.preparing(PreparingJob(gpus: gpus)), reason: .preparingImage, at: now)
            return [.prepare]
        case .foundUnschedulable(let message):
            return end(JobOutcome(phase: .failed, reason: .unschedulable, message: message), at: now)
        case .cancelRequested(let userName):
            let intent = StopIntent(kind: .cancel, userName: userName, time: now)
            return end(.stopped(intent, spec: spec), at: now)
        case .queueingChanged(let change, let userName, let isByAdministrator):
            var pending = pending
            if let priority = change.priority { pending.priority = priority }
            switch change.hold {
            case true where pending.hold?.isByAdministrator != true || isByAdministrator:
                pending.hold = PendingJob.Hold(userName: userName, time: now, isByAdministrator: isByAdministrator)
            case false: pending.hold = nil
            default: break
            }
            state = .pending(pending)
            return [.plan]
        default:
            throw IllegalTransition(event: event, phase: phase)
        }
    }

    private mutating func handlePreparing(
        _ event: JobEvent, _ preparing: PreparingJob, at now: Timestamp
    ) throws(IllegalTransition) -> [JobEffect] {
        guard let launch = preparing.launch else { return try handleUnlaunched(event, preparing, at: now) }
        var preparing = preparing
        let stopped = preparing.intent.map { JobOutcome.stopped($0, spec: spec) }
        switch event {
        case .recovered:
            return [.findLaunch]
        case .started(let container, let startTime):
            let running = RunningJob(
                gpus: preparing.gpus, image: launch.image, container: container, startTime: startTime,
                deadline: spec.activeDeadlineSeconds.map { startTime.adding(seconds: $0) }, intent: preparing.intent)
            enter(.running(running), reason: .started, at: now)
            return running.intent == nil ? [.watch] : [.watch, .stop]
        case .launchFailed(let reason, let message):
            return end(stopped ?? JobOutcome(phase: .failed, reason: reason, message: message), at: now)
        case .launchNotBegun:
            if let stopped { return end(stopped, at: now) }
            return [.launch]
        case .launchUncertain:
            let message =
                "the runner ended while the container was being started, and the engine cannot say whether the "
                + "command ran; it was not started again"
            return end(stopped ?? JobOutcome(phase: .unknown, reason: .launchInterrupted, message: message), at: now)
        case .exited(let exit):
            return end(.of(exit, intent: preparing.intent, spec: spec), exit: exit, at: now)
        case .lost(let reason, let message):
            return end(stopped ?? JobOutcome(phase: .unknown, reason: reason, message: message), lost: reason, at: now)
        case .cancelRequested(let userName):
            // The client of the engine is never killed while it launches: the stop follows when it has answered.
            guard preparing.intent == nil else { return [] }
            preparing.intent = StopIntent(kind: .cancel, userName: userName, time: now)
            state = .preparing(preparing)
            return []
        default:
            throw IllegalTransition(event: event, phase: phase)
        }
    }

    private mutating func handleUnlaunched(
        _ event: JobEvent, _ preparing: PreparingJob, at now: Timestamp
    ) throws(IllegalTransition) -> [JobEffect] {
        switch event {
        case .recovered:
            return [.prepare]
        case .prepared(let image, let bootID):
            var preparing = preparing
            preparing.launch = PreparingJob.Launch(image: image, requestTime: now, bootID: bootID)
            state = .preparing(preparing)
            return [.launch]
        case .preparationFailed(let reason, let message):
            return end(JobOutcome(phase: .failed, reason: reason, message: message), at: now)
        case .cancelRequested(let userName):
            let intent = StopIntent(kind: .cancel, userName: userName, time: now)
            return [.abandonPreparation] + end(.stopped(intent, spec: spec), at: now)
        default:
            throw IllegalTransition(event: event, phase: phase)
        }
    }

    private mutating func handleRunning(
        _ event: JobEvent, _ running: RunningJob, at now: Timestamp
    ) throws(IllegalTransition) -> [JobEffect] {
        var running = running
        switch event {
        case .recovered:
            return [.findContainer]
        case .started(let container, _):
            // Found again by a new runner: the process may have become visible, the start stays what it was.
            running.container = container
            state = .running(running)
            return running.intent == nil ? [.watch] : [.watch, .stop]
        case .processesKilled(let count):
            running.outOfMemoryKills = max(count, running.outOfMemoryKills ?? 0)
            state = .running(running)
            return []
        case .exited(let exit):
            var exit = exit
            exit.addKills(running.outOfMemoryKills)
            return end(.of(exit, intent: running.intent, spec: spec), exit: exit, at: now)
        case .lost(let reason, let message):
            // The first intent decides the outcome, also where nobody can tell how far it was obeyed.
            let stopped = running.intent.map { JobOutcome.stopped($0, spec: spec) }
            let outcome = stopped ?? JobOutcome(phase: .unknown, reason: reason, message: message)
            return end(outcome.adding(kills: running.outOfMemoryKills), lost: reason, at: now)
        case .cancelRequested(let userName):
            guard running.intent == nil else { return [] }
            running.intent = StopIntent(kind: .cancel, userName: userName, time: now)
            state = .running(running)
            return [.stop]
        case .deadlinePassed:
            guard running.intent == nil else { return [] }
            running.intent = StopIntent(kind: .deadline, time: now)
            state = .running(running)
            return [.stop]
        case .scratchLimitPassed:
            guard running.intent == nil else { return [] }
            running.intent = StopIntent(kind: .scratchLimit, time: now)
            state = .running(running)
            return [.stop]
        default:
            throw IllegalTransition(event: event, phase: phase)
        }
    }

    private mutating func handleEnded(
        _ event: JobEvent, _ ended: EndedJob, at now: Timestamp
    ) throws(IllegalTransition) -> [JobEffect] {
        var ended = ended
        switch event {
        case .recovered:
            if !ended.isCleanedUp { return [.cleanUp] }
            return ended.logExpireTime == nil ? [] : [.removeLog]
        case .logCollected(let incomplete):
            ended.isLogCollected = true
            ended.logIncomplete = ended.logIncomplete ?? incomplete
            state = .ended(ended)
            return []
        case .cleanedUp(let logIncomplete):
            ended.isCleanedUp = true
            ended.logIncomplete = ended.logIncomplete ?? logIncomplete
            state = .ended(ended)
            return []
        case .logExpired:
            guard ended.logExpireTime == nil else { return [] }
            ended.logExpireTime = now
            state = .ended(ended)
            return [.removeLog]
        case .prepared, .preparationFailed, .started, .processesKilled, .launchFailed, .launchNotBegun,
            .launchUncertain, .exited, .lost,
            .deadlinePassed, .scratchLimitPassed:
            return []
        case .admitted, .foundUnschedulable, .cancelRequested, .queueingChanged:
            throw IllegalTransition(event: event, phase: phase)
        }
    }

    /// - Parameter lost: why nobody knows the end, where an intent decides the outcome all the same.
    private mutating func end(
        _ outcome: JobOutcome, exit: ContainerExit? = nil, lost: JobReason? = nil, at now: Timestamp
    ) -> [JobEffect] {
        var start: Timestamp?
        var image: ResolvedImage?
        var gpus: [GPU] = []
        var containerID: String?
        var mayHaveContainer = false
        switch state {
        case .pending, .ended: break
        case .preparing(let preparing):
            image = preparing.launch?.image
            gpus = preparing.gpus
            mayHaveContainer = preparing.launch != nil
            if let exit, exit.ranToAnEnd { start = exit.startTime }
        case .running(let running):
            image = running.image
            gpus = running.gpus
            containerID = running.container.id
            mayHaveContainer = true
            start = running.startTime
        }
        // The engine's clock readings are believed only up to now, and no end comes before its beginning.
        var finish = now
        if let exit, exit.ranToAnEnd, let time = exit.finishTime, time <= now { finish = time }
        finish = max(finish, start ?? createTime)
        var ended = EndedJob(
            outcome: outcome, startTime: start, finishTime: finish, image: image, gpus: gpus, containerID: containerID,
            mayHaveContainer: mayHaveContainer)
        if mayHaveContainer { ended.logIncomplete = exit?.logIncomplete ?? Self.logProblem(of: lost ?? outcome.reason) }
        enter(.ended(ended), reason: outcome.reason, at: now)
        return [.cleanUp, .plan]
    }

    /// Why the log of a job that was lost may lack lines.
    private static func logProblem(of reason: JobReason) -> String? {
        switch reason {
        case .containerLost: "the container was lost"
        case .loggedOut: "its user logged out while it ran"
        case .nodeLost: "the machine was shut down or restarted while the job ran"
        default: nil
        }
    }

    private mutating func enter(_ state: JobState, reason: JobReason, at now: Timestamp) {
        self.state = state
        history.append(PhaseChange(phase: state.phase, reason: reason, time: now))
    }
}
