import Glibc

/// A task-spooler server of our own: the peer that people use for queues on one machine.
struct Spooler {
    private let tool: Tool
    private let directory: String
    private var isBlocked = false

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
        let good = try jobs().count { $0.count > 3 && $0[1] == "finished" && $0[3] == "0" }
        guard good >= count else { throw Problem("task-spooler: \(good) of \(count) jobs ended well") }
        try tool.run(["-C"])
        return seconds
    }

    /// Ids go on after the last one, also when the list has been cleared; they are not printed where no terminal is.
    private func firstID() throws -> Int {
        try submit(["true"])
        try tool.run(["-w"])
        guard let id = try jobs().last?.first.flatMap({ Int($0) }) else {
            throw Problem("task-spooler lists no job")
        }
        try tool.run(["-C"])
        return id + 1
    }

    /// The list: id, state, where the output goes, and the exit status of those that have ended.
    private func jobs() throws -> [[Substring]] {
        try tool.text([], in: directory).split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
    }

    /// Takes a place until ``end()``, so that what is submitted waits.
    mutating func block() throws {
        try submit(["sleep", "3600"])
        isBlocked = true
    }

    func end() {
        // The job would outlive its server.
        if isBlocked { try? tool.run(["-k"]) }
        try? tool.run(["-K"])
    }
}
