import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunner
import PhjobSystem

/// Stays with jobs until they have ended, through interruptions of the connection, and leaves them when it is told to.
///
/// Make it before the job is submitted: from then on a signal no longer ends this process, but is answered with words.
final class JobAttendant {
    /// How it came to an end.
    enum Ending {
        case ended([JobView])
        case timedOut
        /// A signal told us to leave.
        case left(signal: Int32)
    }

    private var context: Context
    private let interrupts: Interrupts
    private let cancelsOnInterrupt: Bool
    /// Whether a signal has made this process cancel the jobs.
    private var hasCancelled = false
    private var hasToldOfAbsence = false
    /// When the connection was lost without anything to show for it.
    private var losses: [Monotonic] = []

    /// Seconds that a runner that has gone is given to come back, before another is started.
    private static let returnTimeout = 10.0
    private static let maximumLossesPerMinute = 5

    init(_ context: Context, cancelsOnInterrupt: Bool = false) throws {
        self.context = context
        self.cancelsOnInterrupt = cancelsOnInterrupt
        interrupts = try context.interrupts()
        self.context.output.interrupt = interrupts.descriptor
    }

    /// Shows a job's log from its beginning to the job's end.
    ///
    /// - Returns: with the job's last state.
    func follow(_ selector: String, _ options: LogOptions = LogOptions(), isRaw: Bool = false) throws -> Ending {
        var options = options
        options.follow = true
        var printer = LogPrinter(context.output, isRaw: isRaw)
        // What has been shown is skipped when the log has to be asked for again.
        var shown = 0
        let ending = try attend([selector]) { client, ids in
            var rest = shown
            let incomplete = try client.log(ids[0], options) { bytes in
                let new = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(rest))
                rest -= min(rest, bytes.count)
                try printer.write(new)
                shown += new.count
                self.losses = []
            }
            try printer.finish()
            if let incomplete { self.context.warn("the log may lack lines: \(incomplete)") }
            return .ended(try client.wait(ids).items)
        }
        if case .left = ending { try? printer.finish() }
        return ending
    }

    /// Waits for the end of all jobs, or of any of them.
    ///
    /// - Parameter timeout: seconds.
    func wait(_ selectors: [String], any: Bool = false, timeout: Int64? = nil) throws -> Ending {
        let deadline = timeout.map { context.now().adding(seconds: $0) }
        return try attend(selectors) { client, ids in
            let left = deadline.map { max(0, Int64($0.seconds(since: self.context.now()).rounded(.up))) }
            let answer = try client.wait(ids, any: any, timeout: left)
            return answer.timedOut ? .timedOut : .ended(answer.items)
        }
    }

    private func attend(_ selectors: [String], _ body: (APIClient, _ ids: [String]) throws -> Ending) throws -> Ending {
        let first = try context.client(interrupt: interrupts.descriptor)
        // Settled once: what '@' means changes with every job.
        let selectors = try selectors.map { JobID($0) == nil ? try first.job($0).id.text : $0 }
        var client: APIClient? = first
        while true {
            do {
                let current = try client ?? clientAgain()
                client = current
                return try body(current, selectors)
            } catch is APIClient.Interrupted {
                if let ending = try interrupted(selectors) { return ending }
            } catch let error as APIClient.NotRunning {
                try note(loss: error)
                client = nil
            } catch let error as PhjobError where error.code == .unavailable {
                try note(loss: error)
                client = nil
            }
        }
    }

    /// Answers a signal.
    ///
    /// - Returns: nil if the jobs are being cancelled, so that their end is to be waited for.
    private func interrupted(_ selectors: [String]) throws -> Ending? {
        let signal = interrupts.next() ?? SIGINT
        if cancelsOnInterrupt, !hasCancelled {
            hasCancelled = true
            context.note("cancelling \(selectors.joined(separator: " ")), and waiting for the end")
            let client = try context.client()
            for selector in selectors {
                do {
                    _ = try client.cancel(selector)
                } catch let error as PhjobError where error.code == .conflict {
                    // It has just ended by itself; then its own end is told.
                }
            }
            return nil
        }
        let names = selectors.joined(separator: " ")
        if hasCancelled {
            let what = selectors.count == 1 ? "the job is" : "the jobs are"
            context.note("left before the end; \(what) being cancelled\n  to see how it ends:  phjob wait \(names)")
            return .left(signal: signal)
        }
        let way = selectors.count == 1 ? "phjob logs --follow \(names)" : "phjob wait \(names)"
        context.note(
            """
            left; \(selectors.count == 1 ? "the job goes on" : "the jobs go on")
              to come back:  \(way)
              to cancel:     phjob cancel \(names)
            """)
        return .left(signal: signal)
    }

    /// Gives up if the connection is lost again and again.
    private func note(loss error: any Error) throws {
        let now = Monotonic.now
        losses = losses.filter { now < $0.adding(seconds: 60) } + [now]
        if losses.count > Self.maximumLossesPerMinute { throw error }
    }

    /// A client of the runner that took the place of one that has gone: its jobs run on meanwhile.
    private func clientAgain() throws -> APIClient {
        let setup = try context.runner()
        let watched = [interrupts.descriptor].compactMap(\.self)
        let deadline = Monotonic.now.adding(seconds: Self.returnTimeout)
        while deadline > .now {
            if let socket = try setup.finder.find() {
                return setup.finder.client(at: socket, interrupt: interrupts.descriptor)
            }
            if try Poll.readable(watched, until: Monotonic.now.adding(seconds: 0.1)).contains(true) {
                throw APIClient.Interrupted()
            }
        }
        if setup.choice.mode == .system, !hasToldOfAbsence {
            hasToldOfAbsence = true
            context.note("the system runner does not answer; waiting until it does, while jobs run on")
        }
        return try context.client(interrupt: interrupts.descriptor)
    }
}

extension JobAttendant.Ending {
    /// The exit status of a command that has waited for one job.
    var exitStatus: Int32 {
        switch self {
        case .ended(let jobs): jobs.map(JobExitStatus.of).first { $0 != 0 } ?? 0
        case .timedOut: JobExitStatus.waitTimedOut
        case .left(let signal): Interrupts.exitStatus(signal)
        }
    }
}
