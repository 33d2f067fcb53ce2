import Glibc
import PhjobSystem

/// Figure 2: one job from its submission to its end, and from its last act to the client's return.
struct OneJobFigure {
    let bench: Bench

    func rows() throws -> [Row] { try bench.engines.flatMap(measure) }

    private func measure(_ engine: BareEngine) throws -> [Row] {
        bench.say("one job, \(engine.name)")
        let installation = try Installation(bench, name: "one-\(engine.name)", engine: engine, width: 2)
        try installation.start()
        try installation.run(["run", "--quiet", "--", "true"])
        try installation.waitUntilClean()
        let whole = try Pairs.measure(
            bench.rounds(20, quick: 5, within: 60),
            [
                ("bare", { try engine.tool.time(engine.run(["true"])) }),
                (
                    "phjob",
                    {
                        let seconds = try installation.time(["run", "--quiet", "--", "true"])
                        // What phjob does after the end must not slow down the next measurement.
                        try installation.waitUntilClean()
                        return seconds
                    }
                ),
            ])
        // Slept before, so that the launch is over by then.
        let act = "sleep 0.3; cat /proc/uptime"
        let end = try Pairs.measure(
            bench.rounds(20, quick: 5, within: 60),
            [
                ("bare", { try delay { try engine.tool.run(engine.run(["sh", "-c", act]), output: $0) } }),
                (
                    "phjob",
                    {
                        let seconds = try delay {
                            _ = try installation.time(["run", "--quiet", "--", act], output: $0)
                        }
                        try installation.waitUntilClean()
                        return seconds
                    }
                ),
            ])
        installation.stop()
        return [
            Row(
                2, "one job, \(engine.name): phjob run -- true / bare", .ratio, whole.ratios("phjob", to: "bare"),
                .atMost(1.10), detail: whole.medians(["bare", "phjob"], .milliseconds, scale: 1000)),
            Row(
                2, "  from its last act to the client's return: phjob less bare", .milliseconds,
                end.differences("phjob", from: "bare").map { $0 * 1000 }, .atMost(20),
                detail: end.medians(["bare", "phjob"], .milliseconds, scale: 1000)),
        ]
    }

    /// Seconds between the moment that the job prints, in the kernel's steps of 10 ms, and the client's return.
    private func delay(_ run: (String) throws -> Void) throws -> Double {
        let file = "\(bench.scratch)/uptime"
        unlink(file)
        try run(file)
        let now = Clock.sinceBoot
        let text = String(decoding: try Descriptor(opening: file, flags: O_RDONLY).readAll(limit: 1000), as: UTF8.self)
        guard let word = text.split(whereSeparator: \.isWhitespace).first, let moment = Double(word) else {
            throw Problem("the job printed '\(text)'")
        }
        return now - moment
    }
}
