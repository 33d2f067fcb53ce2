/// What `strace --summary-only` writes.
enum SystemCallTable {
    /// How many calls returned while it looked on; without any it writes no table.
    static func total(of text: String) -> Int {
        let line = text.split(separator: "\n").first { $0.hasSuffix(" total") }
        // Share of the time, seconds, microseconds a call, calls, and errors if there were any.
        return line?.split(separator: " ").dropFirst(3).first.flatMap { Int($0) } ?? 0
    }
}
