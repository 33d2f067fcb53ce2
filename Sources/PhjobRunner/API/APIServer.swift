import Glibc
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobSystem

/// Serves the API: knows who is calling, finds the endpoint, and turns errors into answers.
final class APIServer: Sendable {
    /// What a request is for.
    enum Endpoint: Sendable {
        case runner
        case stopRunner
        case catalogue
        case submit
        case list
        case get
        case cancel
        case rerun
        case logs
        case wait
        case changes
    }

    private static let router = HTTPRouter<Endpoint>([
        HTTPRoute("GET", "/v1/runner", .runner), HTTPRoute("POST", "/v1/runner/stop", .stopRunner),
        HTTPRoute("GET", "/v1/catalogue", .catalogue), HTTPRoute("POST", "/v1/jobs", .submit),
        HTTPRoute("GET", "/v1/jobs", .list), HTTPRoute("GET", "/v1/jobs/{id}", .get),
        HTTPRoute("POST", "/v1/jobs/{id}/cancel", .cancel), HTTPRoute("POST", "/v1/jobs/{id}/rerun", .rerun),
        HTTPRoute("GET", "/v1/jobs/{id}/logs", .logs), HTTPRoute("GET", "/v1/wait", .wait),
        HTTPRoute("GET", "/v1/changes", .changes),
    ])

    private let server: HTTPServer

    /// - Parameters:
    ///   - listener: a listening Unix socket, which the server takes over.
    ///   - owner: whose personal runner this is. All connections are this one person's.
    ///   - streamLimit: how many requests that wait or follow a user may have at once; nil for any number.
    init(
        listener: Int32, owner: JobSpec.User, supervisor: Supervisor, configuration: RunnerConfiguration,
        startTime: Timestamp, limits: HTTPLimits = HTTPLimits(),
        streamLimit: @escaping @Sendable (uid_t) -> Int? = { _ in nil },
        stop: @escaping @Sendable () -> Void
    ) throws(HTTPError) {
        var limits = limits
        limits.connectionsPerPeer = limits.connections
        let streams = StreamQuota(limit: streamLimit)
        server = try HTTPServer(
            listener: listener, limits: limits,
            admit: { Self.admit($0, owner: owner) },
            errorResponse: { Self.response($0) },
            handler: { exchange in
                let call = APICall(
                    exchange: exchange, user: owner, supervisor: supervisor, configuration: configuration,
                    startTime: startTime, streams: streams, stop: stop)
                Self.serve(exchange, call, log: supervisor.log)
            })
    }

    func serve() throws(HTTPError) { try server.serve() }
    func stop() { server.stop() }

    /// Replaces the numbers of connections that there may be, in all and of one user; see `HTTPServer.setConnectionLimits`.
    func setConnectionLimits(_ connections: Int, perUser: Int) {
        server.setConnectionLimits(connections, perPeer: perUser)
    }

    /// In personal mode one person is served; the socket's mode keeps others out, and so does this. Root is let in, as nothing
    /// can be kept from it, and acts as the owner.
    private static func admit(_ descriptor: Int32, owner: JobSpec.User) -> HTTPAdmission {
        guard let uid = try? UnixSocket.peerUID(of: descriptor), uid == owner.uid || uid == 0 else {
            return .refused(
                response(
                    PhjobError(
                        .forbidden, "this runner belongs to \(owner.name)",
                        hint: "start your own with 'phjob runner start'")))
        }
        return .accepted(peer: UInt64(uid), isPrivileged: uid == 0)
    }

    private static func serve(_ exchange: HTTPExchange, _ call: APICall, log: EventLog) {
        switch router.match(exchange.request) {
        case .notFound:
            exchange.respond(
                response(PhjobError(.notFound, "there is no \(TerminalText.escaped(exchange.request.path)) in the API"))
            )
        case .methodNotAllowed(let allowed):
            var answer = response(
                PhjobError(.invalidRequest, "\(TerminalText.escaped(exchange.request.method)) cannot be used here"))
            answer.status = .methodNotAllowed
            answer.headers["Allow"] = allowed.joined(separator: ", ")
            exchange.respond(answer)
        case .found(let endpoint, let parameters):
            do {
                try call.answer(endpoint, id: parameters["id"] ?? "")
            } catch let error as PhjobError {
                exchange.respond(response(error))
            } catch let error as HTTPError {
                log.info("client-lost", ["path": exchange.request.path, "why": error.description])
            } catch {
                log.error("request-failed", ["path": exchange.request.path, "why": "\(error)"])
                exchange.respond(
                    response(PhjobError(.internalError, "the request failed: \(error)", hint: "see the runner's log")))
            }
        }
    }

    static func response(_ error: PhjobError) -> HTTPResponse {
        var response =
            (try? JSONBody.response(error.code.status, ErrorBody(error))) ?? HTTPResponse(error.code.status)
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
