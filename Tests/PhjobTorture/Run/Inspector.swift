import Glibc
import PhjobAPI
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport

/// Looks at all there is, and compares it with what it was and what it must be.
struct Inspector {
    let world: TortureWorld
    let ledger: Ledger
    /// Whether engine clients are killed, so that some jobs may end as `LaunchInterrupted`.
    let mayBeUncertain: Bool
    /// All jobs as the last list showed them.
    private(set) var jobs: [JobID: Sighting] = [:]
    /// How far all jobs have come, by their records.
    private(set) var stages: [JobID: RecordStage] = [:]
    /// The jobs whose end and log were checked, with the size that their marks had then.
    private var settled: [JobID: Int] = [:]
    /// The most seconds that a runner took to its first answer.
    private(set) var longestStart = 0.0
    private var lastRunner: pid_t = 0

    init(world: TortureWorld, ledger: Ledger, mayBeUncertain: Bool) {
        (self.world, self.ledger, self.mayBeUncertain) = (world, ledger, mayBeUncertain)
    }

    /// How many jobs have not ended, or are about to be made, as far as is known.
    var unfinished: Int {
        let known = Set(jobs.values.map(\.name))
        let coming = ledger.entries.values.count { !$0.isLost && !known.contains($0.plan.name) }
        return jobs.count - settled.count + coming
    }

    var isAllDone: Bool { jobs.count == settled.count && stages.values.allSatisfy { $0 == .done } }

    var words: String { "\(jobs.count) jobs, \(jobs.count - settled.count) of them unfinished" }

    /// Checks everything that a runner that has just been started shows.
    ///
    /// - Throws: ``TortureFailure``.
    mutating func look(_ runner: RunnerProcess) throws {
        // In this order: what is found here must be in the list that follows.
        let marks = try world.marksSizes()
        let containers = try containers()
        let entries = ledger.entries
        let list = try list(runner)
        var violations = ledger.takeViolations()
        let acknowledged = entries.values.compactMap { entry in entry.id.map { ($0, entry.plan) } }
        violations += ListCheck(
            acknowledged: Dictionary(acknowledged) { first, _ in first }, sent: Set(ledger.entries.keys), before: jobs
        ).violations(in: list)
        jobs = Dictionary(list.map { ($0.id, $0) }) { first, _ in first }
        violations += ContainerCheck(stages: stages, jobs: jobs).violations(in: containers)
        violations += try markViolations(marks)
        for job in list where job.phase.isFinal && job.log.state != .growing && settled[job.id] == nil {
            violations += try settle(job)
        }
        guard violations.isEmpty else { throw TortureFailure(violations) }
    }

    /// Reads the records of all jobs that may still change. A record must be readable at any moment.
    mutating func readRecords() throws {
        var violations: [Violation] = []
        for name in try world.jobNames() where !name.hasPrefix(".") {
            guard let id = JobID(name) else {
                violations.append(Violation("there is '\(name)' among the jobs"))
                continue
            }
            guard stages[id] != .done else { continue }
            do {
                let stage = RecordStage(try world.record(of: id))
                if let before = stages[id], stage < before {
                    violations.append(Violation(id, "its record went back from \(before) to \(stage)"))
                }
                stages[id] = stage
            } catch {
                violations.append(Violation(id, "its record cannot be read: \(error)"))
            }
        }
        for entry in ledger.entries.values {
            if let id = entry.id, stages[id] == nil {
                violations.append(Violation(id, "was acknowledged, and has no record"))
            }
        }
        let quarantined = try? world.directory.names("state/quarantine")
        if let quarantined, !quarantined.isEmpty { violations.append(Violation("set aside: \(quarantined)")) }
        guard violations.isEmpty else { throw TortureFailure(violations) }
    }

    /// Every key, used once more, must give the job that it gave.
    func checkKeys() throws {
        for entry in ledger.entries.values where entry.plan.hasKey {
            ledger.acknowledge(entry.plan, try world.api.submit(entry.plan.submission).id)
        }
        let violations = ledger.takeViolations()
        guard violations.isEmpty else { throw TortureFailure(violations) }
    }

    func checkNoContainers() throws {
        var left: [String] = []
        do {
            // What was left by a runner that died while it read an image goes at the next start, in its own time.
            try blockUntil(within: 20, "no container is left") {
                left = try world.containers()
                return left.isEmpty
            }
        } catch is DeadlinePassed {
            throw TortureFailure("containers are left: \(left)")
        }
    }

    /// What must not be there when the last runner has ended and no job is left.
    func checkLeftovers() throws {
        var violations: [Violation] = []
        let kept = Set(JobLayout.logNames + [JobLayout.recordName])
        for name in try world.jobNames() {
            let others = try world.directory.names("state/jobs/\(name)").filter { !kept.contains($0) }
            if name.hasPrefix(".") || !others.isEmpty {
                violations.append(Violation("left in jobs/\(name): \(others)"))
            }
        }
        var processes: [(pid: pid_t, line: String)] = []
        do {
            try blockUntil(within: 10, "no process is left") {
                processes = HostProcess.mentioning(world.directory.path)
                return processes.isEmpty
            }
        } catch is DeadlinePassed {
            violations += processes.map { Violation("left behind: process \($0.pid) \($0.line)") }
        }
        guard violations.isEmpty else { throw TortureFailure(violations) }
    }

    // MARK: - Parts of a look

    /// podman's list fails where a container goes while it is made.
    private func containers() throws -> [String] {
        for _ in 0..<5 {
            if let names = try? world.containers() { return names }
        }
        return try world.containers()
    }

    private mutating func list(_ runner: RunnerProcess) throws -> [Sighting] {
        var views: [JobView] = []
        try blockUntil(within: 60, "the runner answers") {
            if let end = runner.end() { throw TortureFailure("the runner ended by itself: \(end)") }
            do {
                views = try allJobs()
                return true
            } catch is APIClient.NotRunning {
                return false
            } catch let error as PhjobError where error.code == .unavailable {
                return false
            }
        }
        if runner.pid != lastRunner {
            longestStart = max(longestStart, Double(Monotonic.now.nanoseconds - runner.startTime.nanoseconds) / 1e9)
            lastRunner = runner.pid
        }
        return views.map(Sighting.init)
    }

    /// However many answers they fill.
    private func allJobs() throws -> [JobView] {
        var views: [JobView] = []
        var filter = JobFilter()
        repeat {
            let page = try world.api.jobs(filter)
            views += page.items
            filter.after = page.next
        } while filter.after != nil
        return views
    }

    private func markViolations(_ sizes: [String: Int]) throws -> [Violation] {
        var violations: [Violation] = []
        for (name, size) in sizes {
            guard let id = JobID(name), jobs[id] != nil else {
                violations.append(Violation("a command ran as \(name), which is no job"))
                continue
            }
            if let settledSize = settled[id] {
                if size != settledSize { violations.append(Violation(id, "its command went on after its end")) }
            } else {
                violations += world.marks(of: id).0.problems.map { Violation(id, $0) }
            }
        }
        return violations
    }

    private mutating func settle(_ job: Sighting) throws -> [Violation] {
        guard let entry = ledger.entries[job.name] else { return [] }
        let (marks, size) = world.marks(of: job.id)
        settled[job.id] = size
        let check = OutcomeCheck(
            plan: entry.plan, marks: marks, cancel: entry.cancel, mayBeUncertain: mayBeUncertain)
        var problems = check.problems(of: job)
        var bytes: [UInt8] = []
        let incomplete = try world.api.log(job.id.text, LogOptions()) { bytes += $0 }
        if let why = incomplete ?? job.log.incomplete { problems.append("its log is said to be incomplete: \(why)") }
        let extent: LogCheck.Extent =
            switch job.reason {
            case .cancelledByUser, .deadlineExceeded: .stopped(after: marks.printed)
            case .launchInterrupted: .part
            default: .whole
            }
        problems += LogCheck(plan: entry.plan).problems(in: String(decoding: bytes, as: UTF8.self), extent)
        return problems.map { Violation(job.id, $0) }
    }
}
