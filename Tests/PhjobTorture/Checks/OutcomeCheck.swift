import PhjobCore

/// What the end of a job must agree with: its plan, its own marks, and what was asked of the runner.
struct OutcomeCheck {
    var plan: JobPlan
    var marks: RunMarks
    var cancel: Cancel
    /// Whether engine clients were killed, so that nobody can know of some launches what came of them.
    var mayBeUncertain = false

    /// What is known of a request to cancel a job.
    enum Cancel: Sendable, Equatable {
        case never
        /// No answer came.
        case sent
        case accepted
    }

    func problems(of job: Sighting) -> [String] {
        guard job.phase.isFinal else { return ["has not ended"] }
        var problems = marks.problems
        switch (job.phase, job.reason) {
        case (.succeeded, .completed): problems += ranToItsEnd(job, .exit(0))
        case (.failed, .nonZeroExit): problems += ranToItsEnd(job, .exit(job.exitCode ?? 0))
        case (.failed, .signalled):
            guard let signal = job.exitCode.flatMap({ Signal.ofExitCode($0) }) else {
                return problems + ["was ended by a signal, and its code is none of one"]
            }
            problems += ranToItsEnd(job, .signal(signal))
            if job.signal != signal.name {
                problems.append("its signal is \(job.signal ?? "none"), not \(signal.name)")
            }
        case (.cancelled, .cancelledByUser):
            if cancel == .never { problems.append("was cancelled by nobody") }
        case (.failed, .deadlineExceeded):
            problems += deadlineProblems(of: job)
        case (.unknown, .launchInterrupted) where mayBeUncertain: break
        default: problems.append("ended in a way that nothing here accounts for")
        }
        if cancel == .accepted, job.phase != .cancelled, job.reason != .deadlineExceeded, job.phase != .unknown {
            problems.append("its cancellation was accepted, and it was not cancelled")
        }
        if let start = job.startTime, let finish = job.finishTime, finish < start {
            problems.append("finished before it started")
        }
        if job.finishTime == nil { problems.append("has no time of its end") }
        return problems.map { "\($0) (\(job.end); \(plan); \(marks); cancellation \(cancel))" }
    }

    private func ranToItsEnd(_ job: Sighting, _ ending: JobPlan.Ending) -> [String] {
        var problems: [String] = []
        if ending != plan.ending { problems.append("ended as \(ending), not as planned") }
        if marks.runs != 1 { problems.append("has an exit code, and its command ran \(marks.runs) times") }
        if !marks.hasEnded || marks.printed != plan.lines { problems.append("its command did not come to its end") }
        if job.startTime == nil { problems.append("has no time of its start") }
        return problems
    }

    private func deadlineProblems(of job: Sighting) -> [String] {
        guard let deadline = plan.deadlineSeconds, let start = job.startTime, let finish = job.finishTime else {
            return ["had no deadline, or no start, or no end"]
        }
        // The engines' times of start and end are read a moment after the fact.
        return finish.seconds(since: start) < Double(deadline) - 0.5 ? ["was stopped before its deadline"] : []
    }
}
