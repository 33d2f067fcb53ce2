/// Figure 5: the runner's memory, and how soon it answers with many records.
struct MemoryFigure {
    let bench: Bench

    func rows() throws -> [Row] { try idle() + waiting() + ended() }

    private func idle() throws -> [Row] {
        bench.say("memory of an idle runner")
        let installation = try Installation(bench, name: "idle", engine: bench.firstEngine(), width: 2)
        try installation.start()
        let fresh = try memory("runner's memory, idle", of: installation, atMost: 20)
        let ids = try installation.submit(["true"], times: 20)
        try installation.wait(for: ids)
        try installation.waitUntilClean()
        let used = try memory("  after 20 jobs", of: installation, atMost: 20)
        installation.stop()
        return [fresh, used]
    }

    private func waiting() throws -> [Row] {
        let count = 10_000
        bench.say("memory with \(count) waiting jobs")
        let installation = try Installation(bench, name: "waiting", engine: bench.firstEngine(), width: 1)
        try installation.start()
        try installation.block()
        installation.stop()
        var filler = try Filler(state: installation.state)
        try filler.addWaiting(count)
        try installation.start()
        let row = try memory("runner's memory, \(count) waiting jobs", of: installation, atMost: 40)
        try installation.abandon()
        return [row]
    }

    private func ended() throws -> [Row] {
        let count = LongListFigure.many
        bench.say("memory and start with \(count) ended jobs")
        let installation = try Installation(bench, name: "ended", engine: bench.firstEngine(), width: 1)
        var filler = try Filler(state: installation.state)
        let filling = try Clock.time { _ = try filler.addEnded(count) }
        bench.say("filled in \(filling.text(digits: 1)) s")
        let first = try installation.start()
        let before = try memory("  after its first start, without its index", of: installation, atMost: nil)
        installation.stop()
        var next: [Double] = []
        var rounds = bench.rounds(5, quick: 2, within: 30)
        var after: [Row] = []
        while rounds.next() != nil {
            next.append(try installation.start())
            after.append(try memory("runner's memory, \(count) ended jobs", of: installation, atMost: 60))
            installation.stop()
        }
        return after.suffix(1) + [
            before,
            Row(5, "start to first answer, \(count) ended jobs", .seconds, next, .atMost(1)),
            Row(5, "  the first start, without its index", .seconds, [first]),
        ]
    }

    private func memory(_ name: String, of installation: Installation, atMost limit: Double?) throws -> Row {
        let process = installation.process
        let detail =
            "its own \(Measure.megabytes.text(try process.privateMegabytes())), its share of all "
            + "\(Measure.megabytes.text(try process.proportionalMegabytes())), \(try process.threadCount()) threads"
        return Row(
            5, name, .megabytes, [try process.residentMegabytes()], limit.map { .atMost($0) }, detail: detail)
    }
}
