/// What a job's own command says of its runs, in a file on the volume that nobody else writes.
struct RunMarks: Sendable, Equatable {
    /// How often the command began.
    var runs = 0
    /// The last line that it had printed, on each stream.
    var printed = 0
    /// Whether it came to its end.
    var hasEnded = false
    /// What no command of ours writes.
    var disorder: String?

    static let beginning = "ran"
    static let end = "end"

    init(runs: Int = 0, printed: Int = 0, hasEnded: Bool = false) {
        (self.runs, self.printed, self.hasEnded) = (runs, printed, hasEnded)
    }

    init(reading text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            switch String(line) {
            case Self.beginning: runs += 1
            case Self.end where runs == 1 && !hasEnded: hasEnded = true
            case "\(printed + 1)" where runs == 1 && !hasEnded: printed += 1
            default: disorder = disorder ?? "'\(line)' after \(printed) lines"
            }
        }
    }

    /// What is wrong with them, whatever the job's phase.
    var problems: [String] {
        if runs > 1 { return ["its command ran \(runs) times"] }
        return disorder.map { ["its command's marks are in disorder: \($0)"] } ?? []
    }
}
