import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport

/// Rounds of: start a runner, look at everything, have clients ask things of it, end it at a bad moment.
struct TortureRun {
    let options: TortureOptions
    let world: TortureWorld
    let ledger = Ledger()
    private(set) var inspector: Inspector
    private var census = Census()
    private var orphans: Set<pid_t> = []
    private let signals: Signals

    /// Somebody does not want to wait for the end either.
    struct Interrupted: Error {}

    init(_ options: TortureOptions, _ world: TortureWorld) throws {
        self.options = options
        self.world = world
        inspector = Inspector(world: world, ledger: ledger, mayBeUncertain: options.killsClients)
        signals = try Signals([SIGINT, SIGTERM, SIGHUP])
    }

    /// Whether somebody has had enough of it; the rounds so far are brought to their end then.
    private(set) var isInterrupted = false

    /// - Returns: what was done, in lines for a person.
    /// - Throws: ``TortureFailure`` with what is wrong, ``Interrupted``, or what kept the torture from going on.
    mutating func run() throws -> [String] {
        let tempo = try warmUp()
        let start = Monotonic.now
        var rounds = 0
        var nextWord = start.adding(seconds: 10)
        while rounds < options.rounds, !isInterrupted,
            options.limit.map({ Self.seconds(since: start) < Double($0) }) ?? true
        {
            rounds += 1
            try round(RoundPlan(number: rounds, options: options, tempo: tempo))
            isInterrupted = signals.next() != nil
            if nextWord < .now {
                nextWord = Monotonic.now.adding(seconds: 10)
                Torture.say("  \(Self.rounded(Self.seconds(since: start))) s: \(rounds) rounds, \(inspector.words)")
            }
        }
        let time = Self.seconds(since: start)
        let why = isInterrupted ? "because of a signal" : "for want of time"
        let isCut = rounds < options.rounds ? " of \(options.rounds), \(why)," : ""
        let jobs = try finish()
        for job in jobs { census.count(job) }
        return [
            "\(rounds) rounds\(isCut) in \(Self.rounded(time)) s, \(Self.rounded(time / Double(rounds))) s each; "
                + "\(jobs.count) jobs"
        ] + census.lines + ["longest start of a runner: \(Self.rounded(inspector.longestStart)) s"]
    }

    /// Two jobs in peace. After the first, all is known of the image that is kept; the second shows how fast all goes here.
    ///
    /// - Returns: what the times of ``RoundPlan`` are to be multiplied by on this machine.
    private mutating func warmUp() throws -> Double {
        var seconds = 0.0
        for number in 0..<2 {
            let start = Monotonic.now
            try withRunner { run, runner in
                JobClient(plan: JobPlan(number: number), api: run.world.api, ledger: run.ledger, sent: try Wakeup())
                    .start()
                try run.waitForEnds(runner)
                try run.end(runner, .terminate)
            }
            seconds = Self.seconds(since: start)
        }
        Torture.say("  a runner that is started for one short job has ended it in \(Self.rounded(seconds)) s")
        return min(max(seconds / RoundPlan.usualTime, 1), 6)
    }

    private mutating func round(_ plan: RoundPlan) throws {
        try withRunner { run, runner in try run.live(plan, runner) }
        try inspector.readRecords()
        census.count(plan, inspector.stages.values)
        reapOrphans()
        Self.sleep(plan.pause)
    }

    /// Starts a runner for `body`, which ends it. It must not outlive the torture.
    private mutating func withRunner(_ body: (inout TortureRun, RunnerProcess) throws -> Void) throws {
        let runner = try RunnerProcess(world)
        do {
            try body(&self, runner)
        } catch {
            if runner.end() == nil { try? runner.kill() }
            throw error
        }
    }

    private mutating func live(_ plan: RoundPlan, _ runner: RunnerProcess) throws {
        let sent = try Wakeup()
        switch plan.moment {
        case .afterStart(let delay):
            submit(plan.jobNumbers.first, sent)
            Self.sleep(delay)
        case .afterAnswer(let delay):
            try inspector.look(runner)
            submit(plan.jobNumbers.first, sent)
            Self.sleep(delay)
        case .afterSubmission(let delay):
            try inspector.look(runner)
            if submit(plan.jobNumbers.first, sent) {
                _ = try Poll.readable([sent.descriptor.number], until: .now.adding(seconds: 1))
            }
            Self.sleep(delay)
        case .afterProgress(let delay):
            try inspector.look(runner)
            submit(plan.jobNumbers.first, sent)
            try waitForProgress(runner)
            submit(plan.jobNumbers.later, sent)
            Self.sleep(delay)
        }
        try end(runner, plan.ending)
    }

    /// Waits until half of the jobs that have not ended have, or until it seems that none does.
    private mutating func waitForProgress(_ runner: RunnerProcess) throws {
        let wanted = inspector.unfinished / 2
        let deadline = Monotonic.now.adding(seconds: 30)
        while inspector.unfinished > wanted, .now < deadline {
            Self.sleep(0.2)
            try inspector.look(runner)
        }
    }

    /// - Returns: whether there was room for any job.
    @discardableResult
    private func submit(_ numbers: Range<Int>, _ sent: Wakeup) -> Bool {
        let room = options.population - inspector.unfinished
        let jobs = numbers.prefix(max(0, room)).map { JobPlan(number: $0, seed: options.seed) }
        for job in jobs { JobClient(plan: job, api: world.api, ledger: ledger, sent: sent).start() }
        return !jobs.isEmpty
    }

    private mutating func waitForEnds(_ runner: RunnerProcess) throws {
        try blockUntil(within: 180, "all jobs end, and are cleaned up") {
            // Asked first: what they have submitted by then is seen by the look.
            let hasClients = ledger.clients > 0
            if signals.next() != nil { throw Interrupted() }
            try inspector.look(runner)
            try inspector.readRecords()
            if !hasClients, inspector.isAllDone { return true }
            Self.sleep(0.2)
            return false
        }
    }

    private func end(_ runner: RunnerProcess, _ ending: RoundPlan.Ending) throws {
        if let end = runner.end() { throw TortureFailure("the runner ended by itself: \(end)") }
        switch ending {
        case .kill: try runner.kill()
        case .killWithClients: try runner.kill(withClients: true)
        case .terminate:
            runner.terminate()
            let end = try runner.waitForEnd(within: 40)
            // Before it has got as far as to handle it, the signal does what it does to any program.
            guard ["exit 0", "signal \(SIGTERM)"].contains(end) else {
                throw TortureFailure("the runner was asked to end, and ended with \(end)")
            }
        case .terminateThenKill(let delay):
            runner.terminate()
            Self.sleep(delay)
            if runner.end() == nil { try runner.kill() }
        }
    }

    /// Lets all jobs come to their end, and looks at everything once more.
    private mutating func finish() throws -> [Sighting] {
        try withRunner { run, runner in
            try run.waitForEnds(runner)
            try run.inspector.checkKeys()
            try run.inspector.checkNoContainers()
            try run.end(runner, .terminate)
        }
        try inspector.checkLeftovers()
        return Array(inspector.jobs.values)
    }

    /// Engine clients, monitors and what else the runners left, which ends as children of this process.
    private mutating func reapOrphans() {
        let children = Set((try? HostProcess.children()) ?? [])
        // A client of this process's own is waited for by who has started it; that takes no round.
        for pid in children.intersection(orphans) { waitpid(pid, nil, WNOHANG) }
        orphans = children.filter { !HostProcess.isAlive($0) }
    }

    private static func sleep(_ seconds: Double) { usleep(UInt32(seconds * 1e6)) }

    private static func seconds(since start: Monotonic) -> Double {
        Double(Monotonic.now.nanoseconds - start.nanoseconds) / 1e9
    }

    /// With one decimal.
    static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
