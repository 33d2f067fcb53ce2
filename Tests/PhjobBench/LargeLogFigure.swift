import Glibc
import PhjobSystem

/// Figure 7: a job that prints much, and reading it back.
struct LargeLogFigure {
    let bench: Bench

    private static let size = 200_000_000
    /// 80 bytes with the newline that yes(1) adds.
    private static let line = String(repeating: "0123456789abcdef", count: 5).dropLast()
    private static let command = "yes \(line) | head -c \(size)"

    func rows() throws -> [Row] { try bench.engines.flatMap(measure) }

    private func measure(_ engine: BareEngine) throws -> [Row] {
        bench.say("a log of \(Self.size / 1_000_000) MB, \(engine.name)")
        // The bare engine's job may use all processors, so phjob's may too.
        let installation = try Installation(
            bench, name: "log-\(engine.name)", engine: engine, width: 1,
            cpus: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        try installation.start()
        try installation.run(["run", "--quiet", "--", "true"])
        try installation.waitUntilClean()
        let container = "phjob-bench-\(getpid())"
        let (bareLog, ownLog) = ("\(bench.scratch)/bare.log", "\(bench.scratch)/own.log")
        var reading: (bare: [Double], own: [Double], untilWhole: [Double]) = ([], [], [])
        let pairs = try Pairs.measure(
            bench.rounds(3, quick: 1, within: 120),
            [
                (
                    "bare",
                    {
                        let seconds = try Clock.time {
                            try engine.tool.run(engine.runDetached(container, ["sh", "-c", Self.command]))
                            try engine.tool.run(["wait", container])
                        }
                        reading.bare.append(
                            try read(into: bareLog) { try engine.tool.time(["logs", container], output: $0) })
                        try engine.tool.run(["rm", "--volumes", container])
                        return seconds
                    }
                ),
                (
                    "phjob",
                    {
                        let begin = Clock.now
                        let id = try installation.submit([Self.command])
                        try installation.wait(for: [id])
                        let seconds = Clock.now - begin
                        // From docker it is fetched after the end.
                        try installation.waitUntilClean()
                        reading.untilWhole.append(Clock.now - begin)
                        reading.own.append(try read(into: ownLog) { try installation.time(["logs", id], output: $0) })
                        return seconds
                    }
                ),
            ])
        installation.stop()
        let ratios = zip(reading.bare, reading.own).map { $0 / $1 }
        let bare = Spread(reading.bare)?.median ?? 0
        let own = Spread(reading.own)?.median ?? 0
        let megabytes = Self.size / 1_000_000
        return [
            Row(
                7, "printing \(megabytes) MB, \(engine.name): phjob / bare", .ratio,
                pairs.ratios("phjob", to: "bare"), .atMost(1.10), detail: pairs.medians(["bare", "phjob"], .seconds)),
            Row(
                7, "  until the log is whole in phjob's file / bare", .ratio,
                zip(reading.untilWhole, pairs["bare"]).map { $0 / $1 }),
            Row(
                7, "  reading it: \(engine.name) logs / phjob logs", .ratio, ratios, .atLeast(10),
                detail: "bare \(Measure.seconds.text(bare)), phjob \(Measure.seconds.text(own))"),
        ]
    }

    /// - Returns: what `work` does.
    /// - Throws: ``Problem`` if not every byte is there.
    private func read(into file: String, _ work: (String) throws -> Double) throws -> Double {
        unlink(file)
        let seconds = try work(file)
        let size = try Descriptor(opening: file, flags: O_RDONLY).status().st_size
        guard size == Self.size else { throw Problem("the log has \(size) bytes instead of \(Self.size)") }
        return seconds
    }
}
