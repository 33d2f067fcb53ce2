/// Figure 3: what a submission takes, from the client's start to its exit. Nothing of what is submitted runs meanwhile.
struct SubmissionFigure {
    let bench: Bench

    func rows() throws -> [Row] {
        bench.say("submission")
        let engine = try bench.firstEngine()
        let installation = try Installation(bench, name: "submission", engine: engine, width: 1)
        try installation.start()
        try installation.block()
        var spooler = try Spooler(bench, name: "submission", width: 1, environment: engine.tool.environment)
        defer { spooler.end() }
        try spooler.block()
        let hello = Tool(executable: bench.hello, environment: engine.tool.environment)
        let pairs = try Pairs.measure(
            bench.rounds(200, quick: 50, within: 60),
            [
                ("tsp", { [spooler] in try spooler.timeSubmission(["true"]) }),
                ("hello", { try hello.time([]) }),
                ("phjob", { try installation.time(["submit", "--", "true"]) }),
                ("list", { try installation.time(["list", "--limit", "10"]) }),
            ])
        try installation.abandon()
        let detail = pairs.medians(["tsp", "hello", "phjob"], .milliseconds, scale: 1000)
        return [
            Row(3, "submit / tsp", .ratio, pairs.ratios("phjob", to: "tsp"), .atMost(3), detail: detail),
            Row(3, "  submit / a hello-world", .ratio, pairs.ratios("phjob", to: "hello")),
            Row(3, "  submit", .milliseconds, pairs["phjob"].map { $0 * 1000 }),
        ]
    }
}
