/// Figure 1: how long many short jobs take, submitted one after the other.
struct ManyJobsFigure {
    let bench: Bench

    func rows() throws -> [Row] {
        var rows: [Row] = []
        let kinds = bench.isQuick ? [["true"]] : [["true"], ["sleep", "0.2"]]
        for engine in bench.engines {
            for width in bench.isQuick ? [2] : [2, 4] {
                for words in kinds { rows += try measure(engine, width: width, words) }
            }
        }
        return rows
    }

    private func measure(_ engine: BareEngine, width: Int, _ words: [String]) throws -> [Row] {
        let count = bench.count(60, quick: 20)
        let what = "\(count) × \(words.joined(separator: " ")), \(engine.name), \(width) at once"
        bench.say(what)
        let bare = engine.run(words)
        let installation = try Installation(
            bench, name: "many-\(engine.name)-\(width)-\(words.count)", engine: engine, width: width)
        let spooler = try Spooler(
            bench, name: "many-\(engine.name)-\(width)-\(words.count)", width: width,
            environment: engine.tool.environment)
        defer { spooler.end() }
        try installation.start()
        // What is done once for an image is not a matter of each job.
        try installation.run(["run", "--quiet", "--"] + words)
        try installation.waitUntilClean()
        var untilClean: [Double] = []
        let pairs = try Pairs.measure(
            bench.rounds(3, quick: 1, within: 120),
            [
                ("bare", { try Clock.time { try engine.tool.run(bare, times: count, atOnce: width) } }),
                (
                    "phjob",
                    {
                        let begin = Clock.now
                        let ids = try installation.submit(words, times: count)
                        try installation.wait(for: ids)
                        let seconds = Clock.now - begin
                        try installation.waitUntilClean()
                        untilClean.append(Clock.now - begin)
                        return seconds
                    }
                ),
                ("tsp", { try spooler.run([engine.tool.executable] + bare, times: count) }),
            ])
        installation.stop()
        let detail = pairs.medians(["bare", "phjob", "tsp"], .seconds)
        return [
            Row(1, "\(what): phjob / bare", .ratio, pairs.ratios("phjob", to: "bare"), .atMost(1), detail: detail),
            Row(1, "  phjob / tsp", .ratio, pairs.ratios("phjob", to: "tsp"), .atMost(1)),
            Row(1, "  tsp / bare", .ratio, pairs.ratios("tsp", to: "bare")),
            Row(
                1, "  phjob until no container is left / bare", .ratio, zip(untilClean, pairs["bare"]).map { $0 / $1 }),
        ]
    }
}
