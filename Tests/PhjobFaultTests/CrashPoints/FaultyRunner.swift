import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport

/// A client that goes on until it is obeyed, and a runner that suffers a fault once: if it ends of it, a sound one takes its
/// place.
final class FaultyRunner {
    let world: World
    private let fault: Fault
    private let number: Int
    private var runner: RunnerProcess
    private(set) var ledger = Ledger()
    /// Jobs that were there from the start.
    private let others: Set<JobID>
    private var isSound = false

    private var log: String { world.directory("faults") }

    init(_ world: World, _ fault: Fault, at number: Int, others: Set<JobID>) throws {
        self.world = world
        self.fault = fault
        self.number = number
        self.others = others
        let environment = try fault.environment(
            at: number, root: world.statePath, log: world.directory("faults"))
        runner = try RunnerProcess(world, environment: environment)
        try attend()
    }

    deinit {
        _ = try? runner.end(SIGKILL)
    }

    /// The calls that have counted so far: number, name and path of each.
    var calls: [String] { world.text("faults").split(separator: "\n").map(String.init) }

    /// The call at which the fault happened; nil if it has not.
    var hit: String? { calls.first { $0.hasPrefix("\(number) ") } }

    /// Waits until a runner answers; a sound one, if the other has ended.
    private func attend() throws {
        try blockUntil("the runner answers") {
            if runner.exitCode == nil { return (try? runner.client.status().pid) == runner.pid }
            try replace()
            return false
        }
    }

    private func replace() throws {
        let code = runner.exitCode ?? -1
        guard !isSound else { throw Failure(description: "a sound runner has ended with \(code)") }
        guard hit != nil else { throw Failure(description: "the runner has ended with \(code) before the fault") }
        // One that cannot start with the fault may refuse to, and must say why.
        let hasRefused = fault.fails && code == 1 && world.text("runner.log").contains("failed: ")
        guard hasRefused || (fault.kills && code == 128 + SIGKILL) else {
            throw Failure(description: "the runner has ended with \(code)")
        }
        isSound = true
        runner = try RunnerProcess(world)
        try attend()
        try look(isSettled: false)
    }

    /// Asks until the answer is yes.
    func ask<Answer>(_ what: String, _ request: (APIClient) throws -> Answer) throws -> Answer {
        var answer: Answer?
        try blockUntil("\(what) is answered") {
            do {
                answer = try request(runner.client)
                return true
            } catch let error as PhjobError where !error.message.hasPrefix("the runner ended the connection") {
                guard error.code == .unavailable else { throw error }
                // Only a call that failed is a reason to refuse.
                guard fault.fails, hit != nil else { throw error }
                try ledger.refuse(error)
                try look(isSettled: false)
                return false
            } catch let error as Failure {
                throw error
            } catch {
                try blockUntil("the runner that gave no answer has ended: \(error)") { runner.exitCode != nil }
                try replace()
                return false
            }
        }
        guard let answer else { throw Failure(description: "no answer") }
        return answer
    }

    func submit(_ key: String, _ command: String, type: String? = nil) throws -> JobID {
        let refusals = ledger.refusals.count
        let view = try ask("the submission \(key)") { client in
            // What was refused is not there, neither in the list nor on the disk.
            if ledger.refusals.count > refusals { try look(isSettled: true) }
            return try client.submit(
                JobSubmission(
                    instanceType: type, command: command, environment: ["T": world.directory.path], idempotencyKey: key)
            )
        }
        try ledger.acknowledge(view, key: key)
        return view.id
    }

    func cancel(_ id: JobID) throws {
        let refusals = ledger.refusals.count
        try ledger.see(
            ask("the cancellation of \(id)") { client in
                // What was refused has not happened, for the next runner neither.
                if ledger.refusals.count > refusals, try client.job(id.text).phase == .pending {
                    let record = try world.directory.text("state/jobs/\(id)/job.json")
                    guard !record.contains("Cancelled") else {
                        throw Failure(description: "refused, and done all the same: \(record)")
                    }
                }
                do {
                    return try client.cancel(id.text)
                } catch let error as PhjobError where error.code == .conflict {
                    // What gave no answer may have been done all the same.
                    return try client.job(id.text)
                }
            })
    }

    func wait(_ ids: [JobID]) throws {
        let answer = try ask("the wait for the end") { try $0.wait(ids.map(\.text)) }
        for view in answer.items { try ledger.see(view) }
    }

    func wait(_ id: JobID, _ what: String, until fits: (JobView) -> Bool) throws {
        try blockUntil("\(id): \(what)") {
            let view = try ask("a look at \(id)") { try $0.job(id.text) }
            try ledger.see(view)
            return fits(view)
        }
    }

    /// Holds all jobs, as they are listed and as they lie on the disk, against what was told.
    func look(isSettled: Bool) throws {
        let views = try ask("the list") { try $0.jobs(JobFilter()) }.items
        try ledger.see(all: views, others: others, isSettled: isSettled)
        let names = try world.directory.names("state/jobs").filter { !$0.hasPrefix(".") }
        guard Set(names).isSuperset(of: views.map(\.id.text)), !isSettled || names.count == views.count else {
            throw Failure(description: "listed are \(views.map(\.id)), and on the disk are \(names)")
        }
        for view in views where view.phase != .running && !view.phase.isFinal {
            guard !view.message.isEmpty else { throw Failure(description: "nobody says what \(view) waits for") }
        }
        // It may have ended since the list was made.
        let containers = world.engine.containers
        for view in views where view.phase == .running && !containers.contains(view.id.containerName) {
            let phase = try ask("a look at \(view.id)") { try $0.job(view.id.text) }.phase
            guard phase.isFinal else { throw Failure(description: "it runs without a container: \(view)") }
        }
        let quarantined = try ask("the status") { try $0.status() }.quarantined
        guard quarantined.isEmpty else { throw Failure(description: "set aside: \(quarantined)") }
    }

    /// Ends the runner in order, and starts a sound one.
    func restart() throws {
        let code = try runner.end(SIGTERM)
        if code != 0 { return try replace() }
        isSound = true
        runner = try RunnerProcess(world)
        try attend()
    }

    func logText(_ id: JobID) throws -> String {
        try ask("the log of \(id)") { client in
            var bytes: [UInt8] = []
            _ = try client.log(id.text, LogOptions()) { bytes += $0 }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
