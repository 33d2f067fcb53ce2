import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport

/// Clients submit, cancel and look until the power is cut at some moment; then what they know is held against the disk.
struct PowerCutRound {
    let world: World
    let seed: UInt64
    let facts: PowerCutFacts

    func run() throws {
        let disk = try MountedDisk(.ext4, megabytes: 32, at: world.statePath, image: world.directory("disk.img"))
        let runner = try RunnerProcess.start(world)
        defer { _ = try? runner.end(SIGKILL) }
        var random = SeededGenerator(seed: seed)
        let clients = (0..<3).map { number in
            let seed = random.next()
            return Waiter { [world, facts] in Self.submit(number, seed, runner.client, world, facts) }
        }
        let watcher = Waiter { [facts] in Self.watch(runner.client, facts) }
        usleep(UInt32.random(in: 100_000..<1_200_000, using: &random))
        try runner.freeze()
        let known = facts.all
        let after = try disk.cut(to: world.directory("after.img"), at: world.directory("after"))
        try runner.end(SIGKILL)
        for client in clients { try client.get() }
        try watcher.get()
        try checkRecords(JobStore(root: after.path), known)
        try checkRunner(known, state: after.path)
    }

    /// Submits until there is no answer; some it cancels at once.
    private static func submit(
        _ number: Int, _ seed: UInt64, _ client: APIClient, _ world: World, _ facts: PowerCutFacts
    ) {
        var random = SeededGenerator(seed: seed)
        let commands = ["exit 3", "sleep 0.1; exit 4", "echo line; sleep 0.3", "while :; do sleep 0.05; done"]
        for round in 0... {
            let submission = JobSubmission(
                command: commands.randomElement(using: &random), idempotencyKey: "\(number).\(round)")
            guard let view = try? client.submit(submission) else { return }
            facts.see(view)
            if Bool.random(using: &random), let view = try? client.cancel(view.id.text) { facts.see(view) }
            usleep(UInt32.random(in: 0..<50_000, using: &random))
        }
    }

    private static func watch(_ client: APIClient, _ facts: PowerCutFacts) {
        while let page = try? client.jobs(JobFilter()) {
            for view in page.items { facts.see(view) }
            guard (try? client.waitForChange(since: page.revision)) != nil else { return }
        }
    }

    private func checkRecords(_ store: JobStore, _ known: [JobView]) throws {
        for view in known {
            let job: Job
            do {
                job = try store.load(view.id).job
            } catch {
                throw Failure(description: "seed \(seed): acknowledged, and lost: \(view.id) \(view.phase): \(error)")
            }
            var code: Int32?
            if case .ended(let ended) = job.state { code = ended.outcome.exitCode }
            try compare(view, with: job.phase, code: code)
        }
    }

    private func checkRunner(_ known: [JobView], state: String) throws {
        let runner = try RunnerProcess(world, state: state)
        defer { _ = try? runner.end(SIGKILL) }
        try blockUntil("the runner answers") { (try? runner.client.status().pid) == runner.pid }
        let quarantined = try runner.client.status().quarantined
        guard quarantined.isEmpty else { throw Failure(description: "seed \(seed): set aside: \(quarantined)") }
        let found = try runner.client.jobs(JobFilter()).items
        for view in known {
            guard let same = found.first(where: { $0.id == view.id }) else {
                throw Failure(description: "seed \(seed): not listed: \(view.id) \(view.phase)")
            }
            try compare(view, with: same.phase, code: same.exitCode)
        }
    }

    private func compare(_ view: JobView, with phase: JobPhase, code: Int32?) throws {
        let isSame = view.phase.isFinal ? phase == view.phase && code == view.exitCode : true
        guard isSame, phase.progress >= view.phase.progress else {
            throw Failure(description: "seed \(seed): \(view.id) was \(view.phase), and is \(phase) with \(code ?? -1)")
        }
    }
}
