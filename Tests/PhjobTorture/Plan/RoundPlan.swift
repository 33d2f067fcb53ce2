import PhjobTestSupport

/// When and how a runner is ended, and how long until the next. Decided by the seed.
struct RoundPlan: Sendable, Equatable {
    let number: Int
    var moment: Moment
    var ending: Ending
    /// Seconds without any runner.
    var pause = 0.0

    /// When the runner is ended, in seconds.
    enum Moment: Sendable, Equatable {
        /// After its process was started: nobody waits for it to answer.
        case afterStart(Double)
        /// After it has answered and was looked at, and the round's jobs are on their way.
        case afterAnswer(Double)
        /// After the first of the round's jobs has been sent: it is stored, planned, prepared and launched then.
        case afterSubmission(Double)
        /// After half of the jobs that were there have ended. With nothing but short lives, none would.
        case afterProgress(Double)
    }

    enum Ending: Sendable, Equatable {
        case kill
        /// SIGKILL, and the engine's clients with it.
        case killWithClients
        case terminate
        /// SIGKILL in the middle of an orderly end, so many seconds after SIGTERM.
        case terminateThenKill(Double)
    }

    init(number: Int, moment: Moment, ending: Ending) {
        (self.number, self.moment, self.ending) = (number, moment, ending)
    }

    /// Seconds that a runner which is started for one short job takes for all of it on an idle machine. The moments are made
    /// for one such.
    static let usualTime = 2.0

    /// - Parameter tempo: how many times slower this machine is now.
    init(number: Int, options: TortureOptions, tempo: Double = 1) {
        self.number = number
        var random = SeededGenerator(seed: options.seed &+ UInt64(number) &* 0xd1b5_4a32_d192_ed03)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<25: moment = .afterStart(tempo * Double.random(in: 0...0.8, using: &random))
        case ..<65: moment = .afterSubmission(tempo * Double.random(in: 0...0.6, using: &random))
        case ..<85: moment = .afterAnswer(tempo * Double.random(in: 0.005...0.5, using: &random))
        case ..<90: moment = .afterAnswer(tempo * Double.random(in: 0.5...2, using: &random))
        default: moment = .afterProgress(tempo * Double.random(in: 0...0.6, using: &random))
        }
        let isOrderly = Int.random(in: 0..<4, using: &random) == 0 && options.isOrderly
        let interruption = Double.random(in: 0...0.1, using: &random)
        let takesClients = Bool.random(using: &random) && options.killsClients
        ending = takesClients ? .killWithClients : .kill
        if isOrderly { ending = Bool.random(using: &random) ? .terminate : .terminateThenKill(interruption) }
        if Int.random(in: 0..<8, using: &random) == 0 { pause = Double.random(in: 0...1, using: &random) }
    }

    /// The numbers of the jobs that this round may submit at once, and of those that it may submit later.
    var jobNumbers: (first: Range<Int>, later: Range<Int>) {
        let start = number * 2 * Self.jobs
        return (start..<start + Self.jobs, start + Self.jobs..<start + 2 * Self.jobs)
    }

    private static let jobs = 4
}
