import Glibc

/// A task-spooler server of our own: the peer that people use for queues on one machine.
struct Spooler {
    private let tool: Tool
    private let directory: String

    /// - Parameters:
    ///   - name: of its socket in the scratch directory; the script ends the servers of all sockets there.
    ///   - width: how many jobs run at once.
    init(_ bench: Bench, name: String, width: Int, environment: [String: String]) throws {
        var environment = environment
        environment["TS_SOCKET"] = "\(bench.scratch)/\(name).tsp"
        tool = Tool(executable: bench.spooler, environment: environment)
        directory = bench.scratch
        try tool.run(["-S", "\(width)"])
    }

    func submit(_ words: [String]) throws { try tool.run(["-n"] + words) }

    /// Seconds that it takes to submit.
    func timeSubmission(_ words: [String]) throws -> Double { try tool.time(["-n"] + words) }

    /// Runs the same job many times, and forgets the jobs.
    ///
    /// - Returns: seconds from the first submission to the last end.
    func run(_ words: [String], times count: Int) throws -> Double {
        let first = try firstID()
        let seconds = try Clock.time {
            for _ in 0..<count { try submit(words) }
            // Those that have ended answer at once.
            for id in first..<first + count { try tool.run(["-w", "\(id)"]) }
        }
        let states = try tool.text([], in: directory).split(separator: "\n").dropFirst().map {
            $0.split(separator: " ")
        }
        let good = states.count { $0.count > 3 && $0[1] == "finished" && $0[3] == "0" }
        guard good >= count else { throw Problem("task-spooler: \(good) of \(count) jobs ended well") }
        try tool.run(["-C"])
        return seconds
    }

    /// Ids go on after the last one, also when the list has been cleared.
    private func firstID() throws -> Int {
        guard let id = Int(try tool.text(["-n", "true"], in: directory)) else {
            throw Problem("task-spooler printed no job id")
        }
        try tool.run(["-w", "\(id)"])
        try tool.run(["-C"])
        return id + 1
    }

    func end() { try? tool.run(["-K"]) }
}
