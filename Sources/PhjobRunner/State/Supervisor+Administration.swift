import PhjobAPI
import PhjobCore
import PhjobStore
import PhjobSystem
import Synchronization

/// What administrators ask of the supervisor. All errors are ``PhjobError``s.
extension Supervisor {
    /// Starts no job any more, until ``resume(caller:)``; across restarts too.
    func drain(reason: String, caller: Caller) throws {
        if let problem = Drain.problem(inReason: reason) {
            throw PhjobError(.invalidRequest, problem, hint: "say to everybody why, with --reason")
        }
        try setDrain(Drain(reason: reason, userName: caller.user.name, time: Self.now))
    }

    func resume(caller: Caller) throws { try setDrain(nil) }

    private func setDrain(_ drain: Drain?) throws {
        try state.withLock { state in
            do {
                try store.save(drain)
            } catch {
                throw notSaved(error)
            }
            state.drain = drain
            state.revision += 1
        }
        log.info(drain == nil ? "resumed" : "drained", ["why": drain?.reason ?? "", "user": drain?.userName ?? ""])
        plan()
        watchers.notifyAll()
    }

    /// Holds a waiting job back, releases it, or moves it in the queue.
    func set(_ selector: String, _ change: QueueingChange, caller: Caller) throws -> JobView {
        guard change.hold != nil || change.priority != nil else {
            throw PhjobError(.invalidRequest, "nothing is asked to be changed", hint: "give hold or priority")
        }
        if let priority = change.priority, !PendingJob.priorities.contains(priority) {
            let (least, most) = (PendingJob.priorities.lowerBound, PendingJob.priorities.upperBound)
            throw PhjobError(.invalidRequest, "the priority is \(priority); it must lie between \(least) and \(most)")
        }
        let id = try find(selector, caller: caller)
        let job = try record(of: id).job
        try checkRight(to: change, job, caller)
        do {
            let event = JobEvent.queueingChanged(
                change, userName: caller.user.name, isByAdministrator: caller.isAdministrator && !isOwn(job, caller))
            return try view(apply(event, to: id))
        } catch is IllegalTransition {
            throw PhjobError(
                .conflict, "job \(id) does not wait any more (\(job.phase.rawValue))",
                hint: "only a job that waits can be held back or moved")
        } catch let error as SystemError {
            throw notSaved(error)
        }
    }

    private func isOwn(_ job: Job, _ caller: Caller) -> Bool { job.spec.user.owner == caller.user.owner }

    /// Owners may hold back and release what is theirs; all else is for administrators.
    private func checkRight(to change: QueueingChange, _ job: Job, _ caller: Caller) throws(PhjobError) {
        let access = state.withLock { Access(caller, $0.catalogue) }
        if change.priority != nil { try access.checkAdministrator(to: "change the priority of jobs") }
        if !isOwn(job, caller) { try access.checkAdministrator(to: "hold back or release other people's jobs") }
        if change.hold == false, case .pending(let pending) = job.state, pending.hold?.isByAdministrator == true {
            try access.checkAdministrator(to: "release a job that an administrator holds back")
        }
    }

    /// Removes the records of jobs that ended before a time, and all that is kept with them.
    ///
    /// - Returns: what was removed, or would be.
    /// - Throws: ``PhjobError``; if it comes after some were removed, its message says how many.
    func prune(_ request: PruneRequest) throws -> PruneAnswer {
        guard request.olderThanSeconds >= 0 else {
            throw PhjobError(.invalidRequest, "olderThanSeconds is missing; say how long ago the jobs must have ended")
        }
        let time = Self.now.adding(seconds: -request.olderThanSeconds)
        let groups = Set(request.groups)
        let selected = state.withLock { state in
            state.table.summaries.filter { summary in
                guard let finish = summary.finishTime, finish <= time, state.table.live[summary.id] == nil else {
                    return false
                }
                return groups.isEmpty || groups.contains(summary.groupName)
            }.map { (id: $0.id, userName: $0.userName) }
        }
        let found = selected.map(\.id)
        let owners = selected.reduce(into: [String: Int]()) { $0[$1.userName, default: 0] += 1 }
        let bytes = found.reduce(Int64(0)) { $0 + store.size(of: $1) }
        if request.dryRun { return PruneAnswer(jobs: found, bytes: bytes, isDone: false, owners: owners) }
        var removed: [JobID] = []
        var failure: (any Error)?
        // Some at a time: others are answered in between.
        for start in stride(from: 0, to: found.count, by: 100) {
            let part = Array(found[start..<min(start + 100, found.count)])
            let result = state.withLock { state in
                let result = store.removeJobs(part)
                state.table.remove(Set(result.removed))
                state.revision += 1
                return result
            }
            removed += result.removed
            failure = result.failure
            if failure != nil { break }
        }
        log.info("pruned", ["jobs": "\(removed.count)"])
        watchers.notifyAll()
        if let failure {
            throw PhjobError(
                .unavailable, "only \(removed.count) of \(found.count) jobs could be removed: \(failure)",
                hint: "mend that, and prune again")
        }
        return PruneAnswer(jobs: removed, bytes: bytes, isDone: true, owners: owners)
    }
}
