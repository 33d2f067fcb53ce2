import Glibc
import PhjobSystem

/// Figure 6: how often the runner wakes up while nothing happens.
struct IdleFigure {
    let bench: Bench

    private var seconds: Int { bench.count(30, quick: 10) }

    func rows() throws -> [Row] {
        var rows = try measure(bench.firstEngine(), jobs: 0)
        for engine in bench.engines { rows += try measure(engine, jobs: 2) }
        return rows
    }

    private func measure(_ engine: BareEngine, jobs: Int) throws -> [Row] {
        let what = jobs == 0 ? "idle runner" : "runner with \(jobs) running jobs, \(engine.name)"
        bench.say("\(what), \(seconds) s, and once more under strace")
        let installation = try Installation(bench, name: "idle-\(engine.name)-\(jobs)", engine: engine, width: 2)
        try installation.start()
        for _ in 0..<jobs { try installation.block() }
        // What its start still does must have ended.
        sleep(5)
        let process = installation.process
        let before = try process.switches()
        sleep(UInt32(seconds))
        let after = try process.switches()
        let calls = try systemCalls(of: process.pid)
        try installation.abandon()
        // A thread that came or went was awake too.
        let changed = Set(before.keys).symmetricDifference(after.keys).count
        let switches = after.reduce(0) { $0 + $1.value - (before[$1.key] ?? 0) } + changed
        return [
            Row(
                6, "\(what): wake-ups in \(seconds) s", .count, [Double(switches)], .atMost(0),
                detail: "of \(after.count) threads"),
            Row(6, "  system calls in \(seconds) s, by strace", .count, [Double(calls)], .atMost(0)),
        ]
    }

    private func systemCalls(of pid: pid_t) throws -> Int {
        let file = "\(bench.scratch)/calls"
        unlink(file)
        let timeout = Tool(executable: "/usr/bin/timeout", environment: [:])
        // strace ends with the signal that it got, of which timeout(1) makes this.
        try timeout.run(
            [
                "--preserve-status", "--signal=INT", "\(seconds)", bench.strace, "--follow-forks", "--summary-only",
                "--quiet=all", "--output=\(file)", "--attach=\(pid)",
            ], statuses: [0, 130])
        let text = String(
            decoding: try Descriptor(opening: file, flags: O_RDONLY).readAll(limit: 1 << 20), as: UTF8.self)
        return SystemCallTable.total(of: text)
    }
}
