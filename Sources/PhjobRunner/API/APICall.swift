import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobStore
import PhjobSystem
import Synchronization

/// One request of one user.
struct APICall {
    let exchange: HTTPExchange
    let caller: Caller
    let supervisor: Supervisor
    let configuration: RunnerConfiguration
    let startTime: Timestamp
    /// Ends the runner.
    let stop: @Sendable () -> Void
    /// Nil where nobody asks who did what.
    let audit: AuditLog?
    let subject = AuditSubject()

    /// - Parameter id: the selector in the path, if the endpoint has one.
    /// - Throws: ``PhjobError`` for an error that is still to be answered.
    func answer(_ endpoint: APIServer.Endpoint, id: String) throws {
        subject.action = endpoint.audited
        subject.job = id.isEmpty ? nil : TerminalText.escaped(String(id.prefix(100)))
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
        case .submit:
            let submission = try submission()
            if try query.flag("dryRun") {
                try respond(supervisor.tryOut(submission, caller: caller))
            } else {
                try respondCreated(supervisor.submit(submission, caller: caller))
            }
        case .list:
            try respond(supervisor.page(JobFilter(query), caller: caller))
        case .get:
            try respond(supervisor.view(supervisor.record(of: supervisor.find(id, caller: caller)).job))
        case .cancel:
            try respond(remember(supervisor.cancel(id, caller: caller)))
        case .rerun:
            subject.detail = subject.job.map { "rerun of \($0)" }
            try respondCreated(supervisor.rerun(id, overrides: submission(), caller: caller))
        case .logs:
            let id = try supervisor.find(id, caller: caller, to: .readLog)
            subject.job = id.text
            try LogStream(self, id: id, options: LogOptions(query)).run()
        case .set:
            let change = try decode(QueueingChange.self)
            subject.detail = Self.words(change)
            try respond(remember(supervisor.set(id, change, caller: caller)))
        case .drain:
            try access.checkAdministrator(to: "keep jobs from being started")
            let request = try decode(DrainRequest.self)
            subject.detail = request.reason
            try supervisor.drain(reason: request.reason, caller: caller)
            try respond(supervisor.status(configuration, startTime: startTime, caller: caller))
        case .resume:
            try access.checkAdministrator(to: "let jobs be started again")
            try supervisor.resume(caller: caller)
            try respond(supervisor.status(configuration, startTime: startTime, caller: caller))
        case .prune:
            try access.checkAdministrator(to: "remove the records of jobs")
            let request = try decode(PruneRequest.self)
            let answer = try supervisor.prune(request)
            subject.detail =
                "\(answer.jobs.count) jobs older than \(request.olderThanSeconds) s, done: \(answer.isDone)"
            try respond(answer)
        case .quota:
            try respond(supervisor.quotaView(caller: caller))
        case .wait:
            try waitForJobs(query)
        case .changes:
            try waitForChange(query)
        }
    }

    func respond(_ value: some Encodable, _ status: HTTPStatus = .ok) throws {
        let response = try JSONBody.response(status, value)
        noteAnswer(nil)
        exchange.respond(response)
    }

    private var access: Access { supervisor.state.withLock { Access(caller, $0.catalogue) } }

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

    private func decode<Value: Decodable>(_ type: Value.Type) throws(PhjobError) -> Value {
        do {
            return try JSONBody.decode(type, from: exchange.request.body)
        } catch {
            let problem = JSONBody.problem(error, in: exchange.request.body)
            throw PhjobError(.invalidRequest, "the body is not what is expected here: \(problem)")
        }
    }

    /// The body as a submission; an empty one asks for nothing in particular.
    private func submission() throws -> JobSubmission {
        guard !exchange.request.body.isEmpty else { return JobSubmission() }
        let value: JSONValue
        do {
            value = try JSONBody.decode(JSONValue.self, from: exchange.request.body)
        } catch {
            let problem = JSONBody.problem(error, in: exchange.request.body)
            throw PhjobError(.invalidRequest, "the body is not JSON: \(problem)")
        }
        do {
            return try JobSubmission(reading: value)
        } catch {
            throw PhjobError(.invalidRequest, error.all.map(\.description).joined(separator: "; "))
        }
    }
}
