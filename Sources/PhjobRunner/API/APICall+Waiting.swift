import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobStore
import PhjobSystem
import Synchronization

extension APICall {
    /// Answers when the jobs have ended, or the time is over.
    func waitForJobs(_ query: RequestQuery) throws {
        let ids = try jobs(query.strings("job"))
        let isAny = try query.flag("any")
        let timeout = try query.value("timeout", "a number of seconds") { Int64($0).flatMap { $0 >= 0 ? $0 : nil } }
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now.advanced(by: .seconds($0)) }
        // Subscribed before the first look, so that no change falls between.
        let subscription = try supervisor.watchers.subscribe(to: Set(ids))
        while true {
            subscription.wakeup.drain()
            let ended = supervisor.countFinal(ids)
            let isOver = ended == ids.count || (isAny && ended > 0)
            let rest = deadline.map { clock.now.duration(to: $0) }
            if isOver || rest.map({ $0 <= .zero }) == true {
                try checkAgain(ids)
                return try respond(WaitAnswer(items: views(ids), timedOut: !isOver))
            }
            switch exchange.wait(for: subscription.wakeup.descriptor.number, timeout: rest) {
            case .readable, .timedOut: continue
            case .clientGone: return
            case .stopping: throw Self.stopping
            }
        }
    }

    /// The jobs that selectors name, each once.
    private func jobs(_ selectors: [String]) throws(PhjobError) -> [JobID] {
        guard !selectors.isEmpty else { throw PhjobError(.invalidRequest, "no job was named to wait for") }
        guard selectors.count <= WaitAnswer.maximumJobs else {
            throw PhjobError(
                .invalidRequest, "\(selectors.count) jobs are named to wait for; at most \(WaitAnswer.maximumJobs)",
                hint: "wait for some, and then for the others")
        }
        var ids: [JobID] = []
        var known: Set<JobID> = []
        for selector in selectors {
            let id = try supervisor.find(selector, caller: caller)
            if known.insert(id).inserted { ids.append(id) }
        }
        return ids
    }

    /// What a wait is answered with. Who waits wants to know how the jobs ended, so that large scripts are cut rather than
    /// the wait refused.
    private func views(_ ids: [JobID]) throws -> [JobView] {
        var budget = AnswerBudget()
        return try ids.map { id in
            let job = try supervisor.record(of: id).job
            let view = supervisor.view(job)
            return budget.take(job.spec) ? view : view.abridged()
        }
    }

    /// Answers when something has changed since a revision that the caller may know of.
    func waitForChange(_ query: RequestQuery) throws {
        let since = try query.value("since", "a revision") { UInt64($0) } ?? 0
        let subscription = try supervisor.watchers.subscribe(to: nil)
        while true {
            subscription.wakeup.drain()
            let revision = supervisor.state.withLock { $0.revision(for: Access(caller, $0.catalogue)) }
            if revision != since { return try respond(ChangesAnswer(revision: revision)) }
            switch exchange.wait(for: subscription.wakeup.descriptor.number) {
            case .readable, .timedOut: continue
            case .clientGone: return
            case .stopping: throw Self.stopping
            }
        }
    }

    /// The answer to those who wait when the runner ends.
    static let stopping = PhjobError(
        .unavailable, "the runner is being stopped; the job goes on", hint: "the next phjob command starts it again")
}
