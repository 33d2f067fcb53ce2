import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobStore
import PhjobSystem

/// One request of one user.
struct APICall {
    let exchange: HTTPExchange
    let user: JobSpec.User
    let supervisor: Supervisor
    let configuration: RunnerConfiguration
    let startTime: Timestamp
    let streams: StreamQuota
    /// Ends the runner.
    let stop: @Sendable () -> Void

    /// - Parameter id: the selector in the path, if the endpoint has one.
    /// - Throws: ``PhjobError`` for an error that is still to be answered.
    func answer(_ endpoint: APIServer.Endpoint, id: String) throws {
        let query = RequestQuery(exchange.request)
        switch endpoint {
        case .runner:
            try respond(supervisor.status(configuration, startTime: startTime))
        case .stopRunner:
            try respond(supervisor.status(configuration, startTime: startTime))
            stop()
        case .catalogue:
            try respond(supervisor.catalogueView(user: user))
        case .submit:
            let submission = try submission()
            if try query.flag("dryRun") {
                try respond(supervisor.tryOut(submission, user: user))
            } else {
                try respond(supervisor.withWarnings(supervisor.submit(submission, user: user)), .created)
            }
        case .list:
            try respond(supervisor.page(JobFilter(query), user: user))
        case .get:
            try respond(supervisor.view(supervisor.record(of: supervisor.find(id, user: user)).job))
        case .cancel:
            try respond(supervisor.cancel(id, user: user))
        case .rerun:
            try respond(supervisor.withWarnings(supervisor.rerun(id, overrides: submission(), user: user)), .created)
        case .logs:
            let options = try LogOptions(query)
            let place = options.follow ? try streams.take(user.uid) : nil
            defer { withExtendedLifetime(place) {} }
            try LogStream(self, id: supervisor.find(id, user: user), options: options).run()
        case .wait:
            try withExtendedLifetime(streams.take(user.uid)) { try waitForJobs(query) }
        case .changes:
            try withExtendedLifetime(streams.take(user.uid)) { try waitForChange(query) }
        }
    }

    func respond(_ value: some Encodable, _ status: HTTPStatus = .ok) throws {
        exchange.respond(try JSONBody.response(status, value))
    }

    /// The body as a submission; an empty one asks for nothing in particular.
    private func submission() throws -> JobSubmission {
        guard !exchange.request.body.isEmpty else { return JobSubmission() }
        let value: JSONValue
        do {
            value = try JSONBody.value(in: exchange.request.body)
        } catch {
            throw PhjobError(.invalidRequest, "the body is not JSON that can be used: \(error)")
        }
        do {
            return try JobSubmission(reading: value)
        } catch {
            throw PhjobError(.invalidRequest, error.all.map(\.description).joined(separator: "; "))
        }
    }
}
