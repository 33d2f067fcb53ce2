import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport

/// One life of a runner that suffers a fault at one call, and what must be true of it.
struct CrashRound: Sendable, CustomStringConvertible {
    /// What the runner's clients do.
    enum Script: String, Sendable, CaseIterable {
        /// The first job of a new state directory.
        case first
        /// Jobs that end, are cancelled while they run and while they wait, and one whose log's time is over.
        case life
    }

    let script: Script
    let engine: EngineName
    let fault: Fault
    /// At which call; 0 for none.
    let number: Int

    var description: String { "\(script.rawValue) \(engine.rawValue) \(fault.rawValue) \(number)" }

    /// The jobs and what each says of itself: which file it appends to when it runs.
    private static let ending = "echo ran >>$T/ran.ends; echo 'line 1'; echo 'line 2' >&2; printf 'no end'; exit 3"
    private static let endless = "echo ran >>$T/ran.endless; echo begun; while :; do sleep 0.05; done"

    /// - Returns: the calls that counted, and the one at which the fault happened; nil if there were not so many.
    /// - Throws: what was not as it must be.
    func run(in world: World) throws -> (calls: [String], hit: String?) {
        let expired = script == .life ? try makeExpiredJob(in: world) : nil
        let runner = try FaultyRunner(world, fault, at: number, others: Set([expired].compactMap(\.self)))
        do {
            try play(runner)
            try runner.restart()
            try check(runner, expired: expired)
        } catch {
            let refusals = runner.ledger.refusals.map(\.description)
            throw Failure(description: "\(self), at \(runner.hit ?? "no call"): \(error); refusals: \(refusals)")
        }
        return (runner.calls, runner.hit)
    }

    private func play(_ runner: FaultyRunner) throws {
        let ending = try runner.submit("ends", Self.ending, type: "cpu-1")
        guard script == .life else { return try settle(runner, [ending]) }
        let endless = try runner.submit("endless", Self.endless, type: "cpu-1")
        // There is room for two.
        let waiting = try runner.submit("waits", "echo ran >>$T/ran.waits", type: "cpu-2")
        try runner.cancel(waiting)
        try runner.wait(endless, "it runs") { $0.phase == .running || $0.phase.isFinal }
        try runner.cancel(endless)
        try settle(runner, [ending, endless, waiting])
    }

    private func settle(_ runner: FaultyRunner, _ ids: [JobID]) throws {
        try runner.wait(ids)
        for id in ids { try runner.wait(id, "its log is complete") { $0.log.state != .growing } }
        // Its record says so only after the scratch directory is gone.
        try blockUntil("all are cleaned up") {
            // If the runner has ended meanwhile, another takes its place.
            _ = try runner.ask("the status") { try $0.status() }
            return try ids.allSatisfy { id in
                let path = "state/jobs/\(id)/job.json"
                return try runner.world.directory.text(path).contains(#""isCleanedUp":true"#)
            }
        }
    }

    private func check(_ runner: FaultyRunner, expired: JobID?) throws {
        let world = runner.world
        try runner.look(isSettled: true)
        try require(runner.ledger.acknowledged.count == (script == .life ? 3 : 1), "each submission is answered")
        for (key, id) in runner.ledger.acknowledged {
            let view = try runner.ask("the job") { try $0.job(id.text) }
            let ran = world.text("ran.\(key)")
            let log = try runner.logText(id)
            if key == "ends" {
                try require(view.phase == .failed && view.exitCode == 3, "its code is right: \(view)")
                try require(ran == "ran\n", "it ran once: \(ran)")
                try require(log == "line 1\nline 2\nno end", "every line is there once: \(log)")
                // A write that found no room says that the job's own may have found none either.
                let isSuspect = fault == .enospc && view.log.incomplete == "the disk was full"
                try require(view.log.incomplete == nil || isSuspect, "its log is complete: \(view.log)")
            } else {
                try require(view.phase == .cancelled, "it was cancelled: \(view)")
                try require(ran.isEmpty || (key == "endless" && ran == "ran\n"), "it ran at most once: \(ran)")
                try require(log.isEmpty || (key == "endless" && log == "begun\n"), "every line is there once: \(log)")
            }
        }
        if let expired {
            try runner.wait(expired, "its log is gone") { $0.log.state == .expired }
            try blockUntil("its files are gone") {
                try world.directory.names("state/jobs/\(expired)").contains("log") == false
            }
        }
        try require(world.engine.containers.isEmpty, "no container is left: \(world.engine.containers)")
        let left = try world.directory.names("state/jobs").flatMap { job in
            try world.directory.names("state/jobs/\(job)").filter {
                !["job.json", "log", "log.before", "log.head"].contains($0)
            }
        }
        try require(left.isEmpty, "nothing is left over: \(left)")
    }

    private func require(_ condition: Bool, _ what: String) throws {
        guard condition else { throw Failure(description: "not so: \(what)") }
    }

    /// A job whose log's time was over before the runner came.
    private func makeExpiredJob(in world: World) throws -> JobID {
        let store = try JobStore(root: world.statePath)
        var spec = SampleJob.spec(
            user: JobSpec.User(name: UserAccount.current?.name ?? "root", uid: geteuid(), gid: getegid()))
        spec.groupName = "lab"
        spec.settings.logRetentionSeconds = 0
        var job = SampleJob.job(spec: spec)
        let time = SampleJob.time
        let container = ContainerIdentity(id: String(repeating: "cd", count: 32), process: nil, bootID: "boot")
        for event: JobEvent in [
            .admitted(gpus: []), .prepared(ResolvedImage(id: String(repeating: "ab", count: 32)), bootID: "boot"),
            .started(container, at: time), .exited(ContainerExit(exitCode: 0, startTime: time, finishTime: time)),
            .cleanedUp(logIncomplete: nil),
        ] {
            _ = try job.handle(event, at: time)
        }
        var record = JobRecord(job: job)
        try store.create(&record)
        try world.directory.write("2026-11-21T00:00:00Z stdout F old\n", to: "state/jobs/\(job.id)/log")
        return job.id
    }
}
