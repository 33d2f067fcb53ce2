import Glibc
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobStore
import PhjobSystem

/// Serves the API: knows who is calling, finds the endpoint, and turns errors into answers.
final class APIServer: Sendable {
    /// What a request is for.
    enum Endpoint: Sendable {
        case runner
        case stopRunner
        case catalogue
        case gpus
        case submit
        case list
        case get
        case cancel
        case rerun
        case logs
        case wait
        case changes
        case set
        case drain
        case resume
        case prune
        case quota

        /// What the audit calls it; nil for what changes nothing and tells no more than a list.
        var audited: String? {
            switch self {
            case .runner, .catalogue, .gpus, .list, .get, .wait, .changes, .quota: nil
            case .stopRunner: "stop"
            case .submit, .cancel, .rerun, .set, .drain, .resume, .prune: "\(self)"
            case .logs: "read-log"
            }
        }
    }

    private static let router = HTTPRouter<Endpoint>([
        HTTPRoute("GET", "/v1/runner", .runner), HTTPRoute("POST", "/v1/runner/stop", .stopRunner),
        HTTPRoute("GET", "/v1/catalogue", .catalogue), HTTPRoute("GET", "/v1/gpus", .gpus),
        HTTPRoute("POST", "/v1/jobs", .submit),
        HTTPRoute("GET", "/v1/jobs", .list), HTTPRoute("GET", "/v1/jobs/{id}", .get),
        HTTPRoute("POST", "/v1/jobs/{id}/cancel", .cancel), HTTPRoute("POST", "/v1/jobs/{id}/rerun", .rerun),
        HTTPRoute("GET", "/v1/jobs/{id}/logs", .logs), HTTPRoute("GET", "/v1/wait", .wait),
        HTTPRoute("GET", "/v1/changes", .changes),
        HTTPRoute("POST", "/v1/jobs/{id}/set", .set), HTTPRoute("POST", "/v1/drain", .drain),
        HTTPRoute("POST", "/v1/resume", .resume), HTTPRoute("POST", "/v1/prune", .prune),
        HTTPRoute("GET", "/v1/quota", .quota),
    ])

    private let server: HTTPServer
    private let door: CallerDoor
    private let audit: AuditLog?

    /// - Parameters:
    ///   - listener: a listening Unix socket, which the server takes over.
    ///   - owner: whose personal runner this is; nil for a runner that serves everybody.
    ///   - limits: those of the catalogue if nil.
    ///   - streamLimit: how many requests that wait or follow a user may have at once; as the catalogue says if nil.
    ///   - stop: ends the runner.
    init(
        listener: Int32, owner: JobSpec.User?, supervisor: Supervisor, configuration: RunnerConfiguration,
        startTime: Timestamp, limits: HTTPLimits? = nil, streamLimit: (@Sendable (uid_t) -> Int?)? = nil,
        stop: @escaping @Sendable () -> Void
    ) throws(HTTPError) {
        let door = CallerDoor(owner: owner, supervisor: supervisor)
        self.door = door
        let streams = StreamQuota(limit: streamLimit ?? { _ in door.streamLimit })
        let audit =
            owner == nil
            ? AuditLog(path: supervisor.store.layout.audit, log: supervisor.log, loop: supervisor.loop) : nil
        self.audit = audit
        server = try HTTPServer(
            listener: listener, limits: limits ?? door.limits,
            admit: { door.admit($0) }, identify: { door.identify($0) },
            errorResponse: { Self.response($0) },
            handler: { exchange in
                if let refusal = BrowserGuard.refusal(exchange.request) {
                    return _ = exchange.respond(Self.response(refusal.error, refusal.status))
                }
                do throws(PhjobError) {
                    let call = APICall(
                        exchange: exchange, caller: try door.caller(of: exchange), door: door, supervisor: supervisor,
                        configuration: configuration, startTime: startTime, streams: streams, stop: stop,
                        audit: audit)
                    Self.serve(exchange, call)
                } catch {
                    exchange.respond(Self.response(error))
                }
            })
    }

    /// Serves until ``stop()`` is called, and all requests have ended or their time is over.
    func serve() throws(HTTPError) {
        defer { audit?.end() }
        try server.serve()
    }

    func stop() { server.stop() }

    /// Takes over the numbers of connections that the catalogue allows now; see `HTTPServer.setConnectionLimits`.
    func useConnectionLimits() { server.setConnectionLimits(door.limits) }

    /// Goes on at another socket; see `HTTPServer.replaceListener`.
    func replaceListener(_ descriptor: Int32) { server.replaceListener(descriptor) }

    private static func serve(_ exchange: HTTPExchange, _ call: APICall) {
        switch router.match(exchange.request) {
        case .notFound:
            exchange.respond(
                response(PhjobError(.notFound, "there is no \(TerminalText.quoted(exchange.request.path)) in the API"))
            )
        case .methodNotAllowed(let allowed):
            let shown = TerminalText.quoted(exchange.request.method)
            var answer = response(PhjobError(.invalidRequest, "\(shown) cannot be used here"), .methodNotAllowed)
            answer.headers["Allow"] = allowed.joined(separator: ", ")
            exchange.respond(answer)
        case .found(let endpoint, let parameters):
            guard let error = answer(endpoint, id: parameters["id"] ?? "", call).map(call.unlessUnknown) else { return }
            call.noteAnswer(error)
            exchange.respond(response(error))
        }
    }

    /// - Returns: what is still to be answered.
    private static func answer(_ endpoint: Endpoint, id: String, _ call: APICall) -> PhjobError? {
        let log = call.supervisor.log
        do {
            try call.answer(endpoint, id: id)
            return nil
        } catch let error as PhjobError {
            return error
        } catch let error as HTTPError {
            log.info(
                "client-lost", ["path": TerminalText.quoted(call.exchange.request.path), "why": error.description])
            return nil
        } catch {
            log.error("request-failed", ["path": TerminalText.quoted(call.exchange.request.path), "why": "\(error)"])
            return PhjobError(.internalError, "the request failed: \(error)", hint: "see the runner's log")
        }
    }

    /// - Parameter status: the one of the error's code if `nil`.
    static func response(_ error: PhjobError, _ status: HTTPStatus? = nil) -> HTTPResponse {
        let status = status ?? error.code.status
        var response = (try? JSONBody.response(status, ErrorBody(error))) ?? HTTPResponse(status)
        if let seconds = error.retryAfter { response.headers["Retry-After"] = "\(seconds)" }
        return response
    }

    private static func response(_ error: HTTPError) -> HTTPResponse {
        var body = ErrorBody(PhjobError(.invalidRequest, error.description))
        body.error.code = error.code
        let status = error.status ?? .internalServerError
        var response = (try? JSONBody.response(status, body)) ?? HTTPResponse(status)
        // Nothing has been read of such a request, so whoever sent it may send it again.
        if status == .serviceUnavailable { response.headers["Retry-After"] = "1" }
        return response
    }
}
