import PhjobCore
import PhjobTestSupport

/// What one job does, and what is done to it. All of it is decided by the seed.
struct JobPlan: Sendable, Equatable {
    /// Tells it from every other job of the torture.
    let number: Int
    /// Lines that it prints on each of its two streams.
    var lines = 1
    /// Seconds between them.
    var pause = 0.0
    var ending = Ending.exit(0)
    /// Whether SIGTERM does nothing to it.
    var ignoresTermination = false
    var deadlineSeconds: Int64?
    /// Whether it is submitted with an idempotency key, and again until the answer has come.
    var hasKey = true
    /// Seconds before it is submitted, counted from the beginning of its round.
    var submitDelay = 0.0
    /// Seconds after its submission at which it is cancelled.
    var cancelDelay: Double?
    /// Whether somebody reads its log as it comes.
    var isFollowed = false

    enum Ending: Sendable, Equatable {
        case exit(Int32)
        case signal(Signal)
    }

    /// By which it is known in a list, whatever became of the answer to its submission.
    var name: String { "torture-\(number)" }

    var submission: JobSubmission {
        JobSubmission(
            displayName: name, command: script, activeDeadlineSeconds: deadlineSeconds,
            idempotencyKey: hasKey ? "key-\(number)" : nil)
    }

    /// Marks each step in a file on the volume, which ``RunMarks`` reads.
    private var script: String {
        var end = "exit 0"
        switch ending {
        case .exit(let code): end = "exit \(code)"
        case .signal(let signal): end = "kill -\(signal.number) $$"
        }
        return """
            marks=\(TortureWorld.volumeInContainer)/$PHJOB_ID
            echo \(RunMarks.beginning) >>"$marks"
            \(ignoresTermination ? "trap '' TERM" : ":")
            i=0
            while [ $i -lt \(lines) ]; do
                i=$((i + 1))
                echo "\(LogCheck.streams[0]) \(number) $i"
                echo "\(LogCheck.streams[1]) \(number) $i" >&2
                echo $i >>"$marks"
                \(pause > 0 ? "sleep \(pause)" : ":")
            done
            echo \(RunMarks.end) >>"$marks"
            \(end)
            """
    }
}

extension JobPlan {
    /// The job of a number: of every sort that a runner can be caught with.
    ///
    /// - Parameter seed: the whole torture's.
    init(number: Int, seed: UInt64) {
        self.number = number
        var random = SeededGenerator(seed: seed ^ UInt64(number) &* 0x9e37_79b9_7f4a_7c15)
        submitDelay = Double.random(in: 0...0.3, using: &random)
        hasKey = Int.random(in: 0..<4, using: &random) > 0
        isFollowed = Int.random(in: 0..<4, using: &random) == 0
        let code: Int32 = [0, 0, 3, 7, 42].randomElement(using: &random) ?? 0
        ending = .exit(code)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<30:
            lines = Int.random(in: 0...3, using: &random)
        case ..<40:
            lines = Int.random(in: 200...600, using: &random)
        case ..<75:
            lines = Int.random(in: 10...60, using: &random)
            pause = [0.02, 0.05, 0.1].randomElement(using: &random) ?? 0.1
        case ..<84:
            lines = Int.random(in: 1...20, using: &random)
            pause = 0.05
            let signals = [9, 15, 11, 6].compactMap { Signal(number: $0) }
            ending = .signal(signals.randomElement(using: &random) ?? .kill)
        case ..<92:
            // Far longer than its deadline: it must not live to its end.
            (lines, pause) = (600, 0.1)
            deadlineSeconds = Int64.random(in: 1...3, using: &random)
            ignoresTermination = Int.random(in: 0..<3, using: &random) == 0
        default:
            (lines, pause) = (600, 0.1)
            ignoresTermination = Int.random(in: 0..<3, using: &random) == 0
            // Many at once: what is cancelled while it is being launched is the hardest to get right.
            let longest = Bool.random(using: &random) ? 0.5 : 4
            cancelDelay = Double.random(in: 0...longest, using: &random)
        }
    }
}
