import Testing

@testable import PhjobCore

/// The state machine, every pair of a state and an event.
struct JobTransitionTests {
    @Test(arguments: StateKind.all, EventKind.allCases)
    func everyPair(_ kind: StateKind, _ event: EventKind) throws {
        let before = Sample.job(kind.state)
        var job = before
        var effects: [JobEffect]?
        var refusal: IllegalTransition?
        do {
            effects = try job.handle(event.sample, at: Sample.now)
        } catch {
            refusal = error
        }
        let expectation = try #require(
            TransitionTable.expectation(kind, event), "the table says nothing about \(event) in \(kind)")
        switch expectation {
        case .illegal:
            #expect(effects == nil)
            #expect(refusal == IllegalTransition(event: event.sample, phase: before.phase))
            #expect(job == before)
        case .stays(let expected):
            #expect(effects == expected)
            #expect(job == before)
        case .updates(let state, let expected):
            #expect(effects == expected)
            #expect(job.state == state)
            #expect(job.history == before.history)
        case .enters(let state, let reason, let expected):
            #expect(effects == expected)
            #expect(job.state == state)
            let entry = Job.PhaseChange(phase: state.phase, reason: reason, time: Sample.now)
            #expect(job.history == before.history + [entry])
        }
        #expect(job.id == before.id && job.spec == before.spec && job.createTime == before.createTime)
    }

    @Test(arguments: EventKind.allCases)
    func everyKindHasASampleOfItsOwn(_ kind: EventKind) {
        #expect(EventKind(kind.sample) == kind)
    }

    @Test func refusalSaysWhatAndWhere() {
        let refusal = IllegalTransition(event: .deadlinePassed, phase: .pending)
        #expect("\(refusal)" == "a job that is Pending cannot take the event deadlinePassed")
    }

    @Test func aJobWithoutDeadlineGetsNone() throws {
        var job = Sample.job(Sample.preparing(launched: true), spec: Sample.spec { $0.activeDeadlineSeconds = nil })
        _ = try job.handle(EventKind.started.sample, at: Sample.now)
        guard case .running(let running) = job.state else {
            Issue.record("the job is \(job.phase)")
            return
        }
        #expect(running.deadline == nil)
    }

    @Test func theFirstCauseOfAnIncompleteLogIsKept() throws {
        var job = Sample.job(Sample.ended(.failed))
        _ = try job.handle(.logCollected(incomplete: "the disk was full"), at: Sample.now)
        _ = try job.handle(.cleanedUp(logIncomplete: "the daemon was away"), at: Sample.now)
        _ = try job.handle(.cleanedUp(logIncomplete: nil), at: Sample.now)
        guard case .ended(let ended) = job.state else { return }
        #expect(ended.logIncomplete == "the disk was full")
    }

    /// W3: the count is kept to the end, however the job ends.
    @Test(
        arguments: [
            (nil, .exited(Sample.exit), "the command ended with exit code 7; see 'phjob logs'"),
            (Sample.cancel, .exited(Sample.exit), "cancelled by ada"),
            (nil, .lost(.containerLost, message: "it was removed"), "it was removed"),
        ] as [(StopIntent?, JobEvent, String)])
    func killsAreKept(_ intent: StopIntent?, _ end: JobEvent, _ words: String) throws {
        var job = Sample.job(Sample.running(intent))
        _ = try job.handle(.processesKilled(2), at: Sample.now)
        // A new runner counts anew, and may see less.
        _ = try job.handle(.processesKilled(1), at: Sample.now)
        _ = try job.handle(end, at: Sample.now)
        guard case .ended(let ended) = job.state else {
            Issue.record("the job is \(job.phase)")
            return
        }
        #expect(ended.outcome.message == "\(words); 2 of its processes were killed: out of memory")
        #expect(ended.outcome.outOfMemoryKills == 2)
    }

    /// Also where an intent decides the outcome.
    @Test(arguments: [nil, Sample.cancel, Sample.deadline])
    func logOfALostContainerMayLackLines(_ intent: StopIntent?) throws {
        var job = Sample.job(Sample.running(intent))
        _ = try job.handle(.lost(.containerLost, message: "it was removed"), at: Sample.now)
        guard case .ended(let ended) = job.state else {
            Issue.record("the job is \(job.phase)")
            return
        }
        #expect(ended.logIncomplete == "the container was lost")
    }

    /// The engine's clock is believed only where it fits what else is known.
    @Test(arguments: [
        (finish: 90, expected: 90), (finish: 100, expected: 100), (finish: 101, expected: 100),
        (finish: 59, expected: 60), (finish: 30, expected: 100),
    ])
    func finishTime(finish: Int64, expected: Int64) throws {
        var job = Sample.job(Sample.running())
        var exit = Sample.exit
        exit.finishTime = Sample.created.adding(seconds: finish)
        _ = try job.handle(.exited(exit), at: Sample.now)
        #expect(job.finishTime == Sample.created.adding(seconds: expected))
        #expect(job.startTime == Sample.started)
    }

    @Test func whatAJobHolds() {
        for kind in StateKind.all {
            let job = Sample.job(kind.state)
            let isLive = job.phase == .preparing || job.phase == .running
            #expect(job.holdsResources == isLive)
            #expect(job.heldGPUs == (isLive ? [0, 1] : []))
            #expect(job.phase.isFinal == (job.finishTime != nil))
        }
        #expect(Sample.job(Sample.running(Sample.deadline)).intent == Sample.deadline)
        #expect(Sample.job(Sample.preparing(launched: true, intent: Sample.cancel)).intent == Sample.cancel)
        #expect(Sample.job().intent == nil && Sample.job(Sample.ended(.cancelled)).intent == nil)
        #expect(Sample.job(Sample.running()).startTime == Sample.started)
        #expect(Sample.job(Sample.preparing(launched: true)).startTime == nil)
    }
}
