/// What a job's log must hold: every line that it printed, once, in the order of each stream.
struct LogCheck {
    var plan: JobPlan

    /// How the lines of the two streams begin.
    static let streams = ["out", "err"]

    /// How much of the log must be there.
    enum Extent: Equatable {
        /// All of it: the job came to its end by itself.
        case whole
        /// At least what the job's marks say, and no more than one line beyond: it was stopped.
        case stopped(after: Int)
        /// Somebody read it while it grew, or the read was cut short.
        case part
    }

    func problems(in text: String, _ extent: Extent) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let rest = lines.popLast() ?? ""
        var problems: [String] = []
        if !rest.isEmpty, extent != .part {
            problems.append("its log ends in the middle of a line: '\(rest.prefix(80))'")
        }
        var last = [Int](repeating: 0, count: Self.streams.count)
        for line in lines {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 3, let stream = Self.streams.firstIndex(of: String(words[0])),
                words[1] == "\(plan.number)", let number = Int(words[2])
            else {
                problems.append("its log has a line that it did not print: '\(line.prefix(80))'")
                continue
            }
            if number <= last[stream] { problems.append("its log has '\(line)' twice, or out of order") }
            if number > last[stream] + 1 {
                problems.append("its log lacks lines \(last[stream] + 1) to \(number - 1) of \(Self.streams[stream])")
            }
            last[stream] = max(last[stream], number)
        }
        for (stream, count) in zip(Self.streams, last) where !isRight(count, extent) {
            problems.append("its log has \(count) lines of \(stream), where \(extent) with \(plan.lines) planned")
        }
        return problems
    }

    private func isRight(_ count: Int, _ extent: Extent) -> Bool {
        switch extent {
        case .whole: count == plan.lines
        case .stopped(let printed): (printed...printed + 1).contains(count)
        case .part: count <= plan.lines
        }
    }
}
