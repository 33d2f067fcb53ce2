import PhjobCore

/// Figure 4: whether listing stays fast where very many jobs have ended.
struct LongListFigure {
    let bench: Bench

    func rows() throws -> [Row] {
        let engine = try bench.firstEngine()
        let few = try Installation(bench, name: "few", engine: engine, width: 1)
        let many = try Installation(bench, name: "many", engine: engine, width: 1)
        bench.say("list and get with \(Self.many) ended jobs, and with \(Self.few)")
        var fillers = (few: try Filler(state: few.state), many: try Filler(state: many.state))
        let ids = (few: try fillers.few.addEnded(Self.few), many: try fillers.many.addEnded(Self.many))
        try few.start()
        try many.start()
        let page = ["list", "--limit", "\(Self.few)"]
        let pairs = try Pairs.measure(
            bench.rounds(100, quick: 20, within: 60),
            [
                ("list, few", { try few.time(page) }),
                ("list, many", { try many.time(page) }),
                ("get, few", { try few.time(["get", "\(ids.few)"]) }),
                ("get, many", { try many.time(["get", "\(ids.many)"]) }),
            ])
        few.stop()
        many.stop()
        return ["list", "get"].map { verb in
            Row(
                4, "\(verb), \(Self.many) ended jobs / \(Self.few)", .ratio,
                pairs.ratios("\(verb), many", to: "\(verb), few"), .atMost(1.5),
                detail: pairs.medians(["\(verb), few", "\(verb), many"], .milliseconds, scale: 1000))
        }
    }

    static let few = 10
    static let many = 100_000
}
