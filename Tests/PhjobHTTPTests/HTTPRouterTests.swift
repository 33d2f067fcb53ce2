import Testing

@testable import PhjobHTTP

@Suite struct HTTPRouterTests {
    private let router = HTTPRouter([
        HTTPRoute("GET", "/v1/jobs", "list"),
        HTTPRoute("POST", "/v1/jobs", "submit"),
        HTTPRoute("GET", "/v1/jobs/newest", "newest"),
        HTTPRoute("GET", "/v1/jobs/{id}", "show"),
        HTTPRoute("GET", "/v1/jobs/{id}/logs", "logs"),
        HTTPRoute("DELETE", "/v1/groups/{group}/jobs/{id}", "delete"),
    ])

    @Test(arguments: [
        ("GET", "/v1/jobs", "list", [:]),
        ("POST", "/v1/jobs", "submit", [:]),
        ("GET", "/v1/jobs/newest", "newest", [:]),
        ("GET", "/v1/jobs/a", "show", ["id": "a"]),
        ("GET", "/v1/jobs/a%2Fb/logs", "logs", ["id": "a/b"]),
        ("DELETE", "/v1/groups/x%20y/jobs/1?force", "delete", ["group": "x y", "id": "1"]),
    ])
    func finds(_ method: String, _ target: String, _ endpoint: String, _ parameters: [String: String]) throws {
        guard case .found(let found, let values) = try match(method, target) else {
            Issue.record("not found")
            return
        }
        #expect(found == endpoint && values == parameters)
    }

    @Test(arguments: ["/", "/v1", "/v1/jobs/", "/v1//jobs", "/v1/jobs//logs", "/v1/jobs/a/b", "/V1/jobs"])
    func findsNothing(_ target: String) throws {
        guard case .notFound = try match("GET", target) else {
            Issue.record("found something")
            return
        }
    }

    @Test(arguments: [
        ("DELETE", "/v1/jobs", ["GET", "POST"]), ("HEAD", "/v1/jobs/newest", ["GET"]), ("get", "/v1/jobs/x", ["GET"]),
    ])
    func namesTheMethods(_ method: String, _ target: String, _ methods: [String]) throws {
        guard case .methodNotAllowed(let allow) = try match(method, target) else {
            Issue.record("no such answer")
            return
        }
        #expect(allow == methods)
    }

    private func match(_ method: String, _ target: String) throws -> HTTPRouter<String>.Match {
        router.match(method, try HTTPTarget(parsing: Array(target.utf8)[...]).segments)
    }
}
