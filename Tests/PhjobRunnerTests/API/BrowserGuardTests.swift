import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobRunnerTestSupport
import Testing

@testable import PhjobRunner

@Suite("The runner's socket refuses browsers")
struct BrowserGuardTests {
    struct Row: CustomTestStringConvertible {
        var headers: HTTPHeaders
        var body = ""
        var status: Int?
        var testDescription: String { "\(headers.fields.map { "\($0.name): \($0.value)" }) \(body)" }
    }

    static let rows: [Row] = [
        // Our own clients, curl, and what forwards the socket.
        Row(headers: [:]), Row(headers: ["Host": "localhost"]), Row(headers: ["Host": "phjob"]),
        Row(headers: ["Host": ""]), Row(headers: ["Host": "localhost:8080"]), Row(headers: ["Host": "127.0.0.1"]),
        Row(headers: ["Host": "127.0.0.1:8080"]), Row(headers: ["Host": "127.1.2.3:65535"]),
        Row(headers: ["Host": "[::1]:8080"]), Row(headers: ["Cookie": "a=b", "Referer": "http://evil.example/"]),
        // What only browsers send, in any case and with any value.
        Row(headers: ["Origin": "http://evil.example"], status: 403), Row(headers: ["origin": "null"], status: 403),
        Row(headers: ["ORIGIN": ""], status: 403), Row(headers: ["Sec-Fetch-Site": "same-origin"], status: 403),
        Row(headers: ["sec-fetch-mode": "navigate"], status: 403), Row(headers: ["Sec-Fetch-New": "x"], status: 403),
        Row(headers: ["Host": "localhost", "Origin": "http://localhost"], status: 403),
        // DNS rebinding.
        Row(headers: ["Host": "evil.example"], status: 403), Row(headers: ["Host": "evil.example:8080"], status: 403),
        Row(headers: ["Host": "localhost."], status: 403), Row(headers: ["Host": "128.0.0.1"], status: 403),
        Row(headers: ["Host": "127.0.0.1.evil.example"], status: 403), Row(headers: ["Host": "127.0.0"], status: 403),
        Row(headers: ["Host": "127.0.0.256"], status: 403), Row(headers: ["Host": "127.0.0.+1"], status: 403),
        Row(headers: ["Host": "127.0.0.1:"], status: 403),
        Row(headers: ["Host": "127.0.0.1:80@evil.example"], status: 403),
        Row(headers: ["Host": "x@127.0.0.1"], status: 403), Row(headers: ["Host": "[::ffff:127.0.0.1]"], status: 403),
        // Bodies.
        Row(headers: ["Content-Type": "application/json"], body: "{}"),
        Row(headers: ["content-type": "Application/JSON ; charset=utf-8"], body: "{}"),
        Row(headers: ["Content-Type": "text/plain"]),
        Row(headers: [:], body: "{}", status: 415), Row(headers: ["Content-Type": ""], body: "{}", status: 415),
        Row(headers: ["Content-Type": "text/plain"], body: "{}", status: 415),
        Row(headers: ["Content-Type": "text/plain;application/json"], body: "{}", status: 415),
        Row(headers: ["Content-Type": "application/x-www-form-urlencoded"], body: "{}", status: 415),
        Row(headers: ["Content-Type": "application/jsonx"], body: "{}", status: 415),
        Row(headers: ["Content-Type": "application/json", "content-type": "text/plain"], body: "{}", status: 415),
    ]

    @Test("By the request alone", arguments: rows)
    func decision(_ row: Row) {
        let request = HTTPRequest("POST", "/v1/jobs", headers: row.headers, body: Array(row.body.utf8))
        #expect(BrowserGuard.refusal(request)?.status.code == row.status)
    }

    @Test("A refused host is quoted short and without controls")
    func quoting() throws {
        let host = "evil.example\u{202e}" + String(repeating: "x", count: 10_000)
        let refusal = try #require(BrowserGuard.refusal(HTTPRequest("GET", "/", headers: ["Host": host])))
        #expect(refusal.error.message.utf8.count < 400 && !refusal.error.message.contains("\u{202e}"))
    }

    @Test("Every route refuses, also those that there are not, and nothing is done")
    func everyRoute() async throws {
        try await withAPI { api in
            let body = #"{"command": "true"}"#
            for (method, target) in [
                ("POST", "/v1/jobs"), ("POST", "/v1/drain"), ("POST", "/v1/runner/stop"), ("GET", "/v1/jobs"),
                ("OPTIONS", "/v1/jobs"), ("GET", "/elsewhere"),
            ] {
                let headers = ["Host: localhost", "Origin: http://evil.example", "Content-Type: application/json"]
                let answer = try api.request(method, target, body: method == "POST" ? body : "", headers: headers)
                #expect(answer.status == 403 && answer.error?.code == "Forbidden", "\(method) \(target): \(answer)")
                // No page may read it either.
                #expect(answer.headers.fields.allSatisfy { !$0.name.lowercased().hasPrefix("access-control") })
            }
            let plain = try api.request("POST", "/v1/jobs", body: body, headers: ["Content-Type: text/plain"])
            #expect(plain.status == 415 && plain.error?.hint?.contains("Content-Type: application/json") == true)
            #expect(try api.client.jobs(JobFilter()).total == 0 && api.stopCount == 0)
            #expect(try api.request("POST", "/v1/jobs", body: body).status == 201)
        }
    }
}
