/// Finds what a request is for. Pure; where several patterns fit, the first one counts.
package struct HTTPRouter<Endpoint: Sendable>: Sendable {
    private let routes: [HTTPRoute<Endpoint>]

    package init(_ routes: [HTTPRoute<Endpoint>]) {
        self.routes = routes
    }

    package enum Match {
        /// The endpoint, and the path's parameters, decoded: any text without NUL that is not empty, `.` or `..`.
        case found(Endpoint, parameters: [String: String])
        /// Answer 404 (RFC 9110, section 15.5.5).
        case notFound
        /// Answer 405, with these methods in `Allow` (RFC 9110, section 15.5.6).
        case methodNotAllowed(allow: [String])
    }

    package func match(_ request: HTTPRequest) -> Match {
        match(request.method, request.target.segments)
    }

    package func match(_ method: String, _ segments: [String]) -> Match {
        var allow: [String] = []
        for route in routes {
            guard let parameters = route.match(segments) else {
                continue
            }
            if route.method == method {
                return .found(route.endpoint, parameters: parameters)
            }
            if !allow.contains(route.method) {
                allow.append(route.method)
            }
        }
        return allow.isEmpty ? .notFound : .methodNotAllowed(allow: allow)
    }
}
