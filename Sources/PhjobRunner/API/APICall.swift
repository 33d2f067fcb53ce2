import Dispatch
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobStore
import PhjobSystem
import Synchronization

/// One request of one user.
struct APICall {
    let exchange: HTTPExchange
    /// As they were when the request came.
    let caller: Caller
    let door: CallerDoor
    let supervisor: Supervisor
    let configuration: RunnerConfiguration
    let startTime: Timestamp
    let streams: StreamQuota
    /// Ends the runner.
    let stop: @Sendable () -> Void
    /// Nil where nobody asks who did what.
    let audit: AuditLog?
    let subject = AuditSubject()

    /// - Parameter id: the selector in the path, if the endpoint has one.
    /// - Throws: ``PhjobError`` for an error that is still to be answered.
    func answer(_ endpoint: APIServer.Endpoint, id: String) throws {
        subject.action = endpoint.audited
        subject.job = id.isEmpty ? nil : TerminalText.quoted(id)
        let query = RequestQuery(exchange.request)
        switch endpoint {
        case .runner:
            try respond(supervisor.status(configuration, startTime: startTime, caller: caller))
        case .stopRunner:
            try access.checkAdministrator(to: "stop the runner")
            try respond(supervisor.status(configuration, startTime: startTime, caller: caller))
            stop()
        case .catalogue:
            try respond(supervisor.catalogueView(caller: caller))
        case .gpus:
            try respond(supervisor.gpuList(caller: caller))
        case .submit:
            if try query.flag("dryRun") {
                subject.action = "try"
                try respond(oneOfFew { try supervisor.tryOut(submission(), caller: caller) { !exchange.isClientGone } })
            } else {
                try respondCreated(oneOfFew { try supervisor.submit(submission(), caller: caller, isWanted: isWanted) })
            }
        case .list:
            try respond(supervisor.page(JobFilter(query), caller: caller))
        case .get:
            try respond(supervisor.view(supervisor.record(of: supervisor.find(id, caller: caller)).job))
        case .cancel:
            try respond(remember(supervisor.cancel(id, caller: caller)))
        case .rerun:
            subject.detail = subject.job.map { "rerun of \($0)" }
            try respondCreated(
                oneOfFew { try supervisor.rerun(id, overrides: submission(), caller: caller, isWanted: isWanted) })
        case .logs:
            let options = try LogOptions(query)
            let place = StreamPlace(streams, uid: caller.user.uid)
            if options.follow { try place.take() }
            let id = try supervisor.find(id, caller: caller, to: .readLog)
            subject.job = id.text
            try LogStream(self, id: id, options: options, place: place).run()
        case .set:
            let change = try read(["hold", "priority"]) {
                QueueingChange(
                    hold: $0.bool("hold"), priority: $0.integer("priority", in: -1_000_000...1_000_000).map(Int.init))
            }
            subject.detail = Self.words(change)
            try respond(remember(supervisor.set(id, change, caller: caller)))
        case .drain:
            try access.checkAdministrator(to: "keep jobs from being started")
            let reason = try read(["reason"]) { $0.string("reason") } ?? ""
            subject.detail = TerminalText.shortened(reason, to: 500)
            try supervisor.drain(reason: reason, caller: caller)
            try respond(supervisor.status(configuration, startTime: startTime, caller: caller))
        case .resume:
            try access.checkAdministrator(to: "let jobs be started again")
            try supervisor.resume(caller: caller)
            try respond(supervisor.status(configuration, startTime: startTime, caller: caller))
        case .prune:
            try access.checkAdministrator(to: "remove the records of jobs")
            let request = try read(["olderThanSeconds", "groups", "dryRun"]) {
                PruneRequest(
                    olderThanSeconds: $0.integer("olderThanSeconds", in: 0...10_000_000_000) ?? -1,
                    groups: $0.strings("groups") ?? [], dryRun: $0.bool("dryRun") ?? true)
            }
            let what = "jobs older than \(request.olderThanSeconds) s"
            do {
                let answer = try supervisor.prune(request)
                subject.detail = "\(answer.jobs.count) \(what), done: \(answer.isDone)"
                try respond(answer)
            } catch let error as PhjobError {
                // Some may be gone.
                subject.detail = "\(what): \(error.message)"
                throw error
            }
        case .quota:
            try respond(supervisor.quotaView(caller: caller))
        case .wait:
            try withExtendedLifetime(streams.take(caller.user.uid)) { try waitForJobs(query) }
        case .changes:
            try withExtendedLifetime(streams.take(caller.user.uid)) { try waitForChange(query) }
        }
    }

    func respond(_ value: some Encodable, _ status: HTTPStatus = .ok) throws {
        let response = try JSONBody.response(status, value)
        noteAnswer(nil)
        exchange.respond(response)
    }

    /// Makes sure that the caller still has the right to a job that they have been waiting for: what they could see when they
    /// asked they may have lost since.
    func checkAgain(_ id: JobID, to action: Access.Action? = nil) throws(PhjobError) {
        try checkAgain([id], to: action)
    }

    func checkAgain(_ ids: [JobID], to action: Access.Action? = nil) throws(PhjobError) {
        let caller = try door.caller(of: exchange)
        do throws(PhjobError) {
            for id in ids { _ = try supervisor.find(id.text, caller: caller, to: action) }
        } catch {
            throw Self.unlessUnknown(error, to: caller)
        }
    }

    /// Who may be somewhere in truth is not told that there is nothing, or nothing for them.
    func unlessUnknown(_ error: PhjobError) -> PhjobError { Self.unlessUnknown(error, to: caller) }

    private static func unlessUnknown(_ error: PhjobError, to caller: Caller) -> PhjobError {
        guard [.notFound, .forbidden].contains(error.code), let name = caller.unknownUnixGroups.min() else {
            return error
        }
        return AccountLookupError("the Unix group '\(name)'").phjobError
    }

    /// Whether the client still waits for the answer.
    private func isWanted() -> Bool { !exchange.isConnectionClosed }

    private var access: Access { supervisor.state.withLock { Access(caller, $0.catalogue) } }

    /// What a large body becomes takes several times its room, so only a few are worked on at a time. The answer comes after
    /// it: who is slow to read it keeps nobody else waiting.
    private func oneOfFew<Value>(_ work: () throws -> Value) throws -> Value {
        guard exchange.request.body.count > Self.largeBody else { return try work() }
        Self.placesForLarge.wait()
        defer { Self.placesForLarge.signal() }
        return try work()
    }

    private static let largeBody = 256 << 10
    private static let placesForLarge = DispatchSemaphore(value: 4)

    private func respondCreated(_ view: JobView) throws {
        try respond(supervisor.withWarnings(remember(view)), .created)
    }

    private func remember(_ view: JobView) -> JobView {
        subject.job = view.id.text
        return view
    }

    private static func words(_ change: QueueingChange) -> String {
        let hold = change.hold.map { $0 ? "hold" : "release" }
        return [hold, change.priority.map { "priority \($0)" }].compactMap(\.self).joined(separator: ", ")
    }

    /// Reads the body member by member.
    ///
    /// - Parameter keys: the members that there may be.
    /// - Throws: ``PhjobError`` that names everything that is wrong.
    private func read<Value>(_ keys: [String], _ make: (JSONReader) -> Value) throws -> Value {
        let problems = JSONReader.Problems()
        let value = make(JSONReader(try bodyValue(), place: "", allowed: keys, problems: problems))
        guard problems.all.isEmpty else {
            throw PhjobError(.invalidRequest, problems.all.map(\.description).joined(separator: "; "))
        }
        return value
    }

    private func bodyValue() throws(PhjobError) -> JSONValue {
        do {
            return try JSONBody.value(in: exchange.request.body)
        } catch {
            throw PhjobError(.invalidRequest, "the body is not JSON that can be used: \(error)")
        }
    }

    /// The body as a submission; an empty one asks for nothing in particular.
    private func submission() throws -> JobSubmission {
        guard !exchange.request.body.isEmpty else { return JobSubmission() }
        let value = try bodyValue()
        do {
            return try JobSubmission(reading: value)
        } catch {
            throw PhjobError(.invalidRequest, error.all.map(\.description).joined(separator: "; "))
        }
    }
}
