import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobStore
import PhjobSystem
import Synchronization

extension APICall {
    /// Answers when the jobs have ended, or the time is over.
    func waitForJobs(_ query: RequestQuery) throws {
        let ids = try query.strings("job").map { try supervisor.find($0, caller: caller) }
        guard !ids.isEmpty else { throw PhjobError(.invalidRequest, "no job was named to wait for") }
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
                for id in ids { try checkAgain(id) }
                let views = try ids.map { try supervisor.view(supervisor.record(of: $0).job) }
                return try respond(WaitAnswer(items: views, timedOut: !isOver))
            }
            switch exchange.wait(for: subscription.wakeup.descriptor.number, timeout: rest) {
            case .readable, .timedOut: continue
            case .clientGone: return
            case .stopping: throw Self.stopping
            }
        }
    }

    /// Answers when anything has changed since a revision.
    func waitForChange(_ query: RequestQuery) throws {
        let since = try query.value("since", "a revision") { UInt64($0) } ?? 0
        let subscription = try supervisor.watchers.subscribe(to: nil)
        while true {
            subscription.wakeup.drain()
            let revision = supervisor.state.withLock { $0.revision }
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
