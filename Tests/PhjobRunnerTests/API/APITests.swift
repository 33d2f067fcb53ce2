import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobHTTP
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("The API over a socket")
struct APITests {
    @Test("Submit, get, list, cancel, rerun, catalogue and status")
    func routes() async throws {
        try await withAPI { api in
            let client = api.client
            let job = try client.submit(JobSubmission(displayName: "a job", command: "echo hello; exit 3"))
            #expect(job.userName == LiveAPI.user.name)
            let ended = try client.wait([job.id.text])
            #expect(ended.items.map(\.exitCode) == [3] && !ended.timedOut)
            #expect(try client.job("@").id == job.id)
            #expect(try client.job(String(job.id.suffix)).displayName == "a job")
            #expect(try api.log(job.id) == "hello\n")
            let again = try client.rerunning(
                "@", overrides: JobSubmission(command: QueueTests.until("go"), environment: ["T": "/none"])
            ).view()
            #expect(again.rerunOf == job.id)
            let cancelled = try client.cancel(again.id.text)
            #expect(cancelled.phase == .cancelled || cancelled.reason == .stopping)
            _ = try client.wait([again.id.text])
            #expect { try client.cancel(again.id.text) } throws: { ($0 as? PhjobError)?.code == .conflict }
            let page = try client.jobs(JobFilter())
            #expect(page.items.map(\.id) == [again.id, job.id] && page.total == 2 && page.next == nil)
            let catalogue = try client.catalogue()
            #expect(catalogue.groups.map(\.name) == ["lab"])
            #expect(catalogue.instanceTypes.map(\.name) == ["cpu-1", "cpu-2", "cpu-4", "gpu-1", "gpu-2"])
            let status = try client.status()
            #expect(status.version == "1.2.3" && status.pid == getpid() && status.engine?.name == "podman")
            #expect(status.jobs == ["Failed": 1, "Cancelled": 1])
            let tried = try client.tryOut(JobSubmission(command: "true"))
            #expect(tried.containerCommand.contains("run"))
            #expect(try client.jobs(JobFilter()).total == 2)
            try client.stopRunner()
            // It is asked after it has been answered.
            try blockUntil("it was asked to stop") { api.stopCount == 1 }
        }
    }

    struct Bad: CustomTestStringConvertible {
        var method: String
        var target: String
        var body = ""
        var status: Int
        var code: String
        var message: String
        var testDescription: String { "\(method) \(target) \(body.prefix(40))" }
    }

    static let bad: [Bad] = [
        Bad(method: "GET", target: "/", status: 404, code: "NotFound", message: "there is no / in the API"),
        Bad(method: "GET", target: "/v2/jobs", status: 404, code: "NotFound", message: "/v2/jobs"),
        Bad(
            method: "GET", target: "/v1/jobs/%1b%5b2J", status: 400, code: "InvalidRequest",
            message: "is not the beginning"),
        Bad(method: "GET", target: "/v1/jobs/[2J", status: 400, code: "MalformedRequest", message: "not a path"),
        Bad(
            method: "DELETE", target: "/v1/jobs", status: 405, code: "InvalidRequest", message: "DELETE cannot be used"),
        Bad(method: "GET", target: "/v1/jobs/zzzzzz", status: 404, code: "NotFound", message: "no job's id begins"),
        Bad(method: "POST", target: "/v1/jobs/zzzzzz/cancel", status: 404, code: "NotFound", message: "zzzzzz"),
        Bad(method: "GET", target: "/v1/jobs?limit=0", status: 400, code: "InvalidRequest", message: "'limit' is '0'"),
        Bad(
            method: "GET", target: "/v1/jobs?limit=1001", status: 400, code: "InvalidRequest", message: "from 1 to 1000"
        ),
        Bad(
            method: "GET", target: "/v1/jobs?status=odd", status: 400, code: "InvalidRequest",
            message: "'odd' is not a status"),
        Bad(
            method: "GET", target: "/v1/jobs?search=" + String(repeating: "e", count: 1025), status: 400,
            code: "InvalidRequest", message: "the text to search for has 1025 bytes; at most 1024"),
        Bad(
            method: "GET", target: "/v1/jobs?search=", status: 400, code: "InvalidRequest", message: "'search' is empty"
        ),
        Bad(
            method: "GET", target: "/v1/jobs?search=%20%09", status: 400, code: "InvalidRequest",
            message: "'search' is empty"),
        Bad(method: "GET", target: "/v1/jobs?since=now", status: 400, code: "InvalidRequest", message: "ISO 8601"),
        Bad(method: "GET", target: "/v1/jobs?after=x", status: 400, code: "InvalidRequest", message: "a job id"),
        Bad(method: "GET", target: "/v1/jobs?mine=maybe", status: 400, code: "InvalidRequest", message: "1 or 0"),
        Bad(method: "GET", target: "/v1/jobs?group=nobodys", status: 404, code: "NotFound", message: "group 'nobodys'"),
        Bad(method: "GET", target: "/v1/wait", status: 400, code: "InvalidRequest", message: "no job was named"),
        Bad(method: "GET", target: "/v1/wait?job=@&timeout=-1", status: 404, code: "NotFound", message: "no jobs"),
        Bad(method: "GET", target: "/v1/changes?since=-1", status: 400, code: "InvalidRequest", message: "a revision"),
        Bad(method: "POST", target: "/v1/jobs", body: "{", status: 400, code: "InvalidRequest", message: "not JSON"),
        Bad(
            method: "POST", target: "/v1/jobs", body: "[1]", status: 400, code: "InvalidRequest",
            message: "must be an object"),
        Bad(
            method: "POST", target: "/v1/jobs", body: #"{"comand": "x"}"#, status: 400, code: "InvalidRequest",
            message: "comand"),
        Bad(
            method: "POST", target: "/v1/jobs", body: #"{"command": 7, "activeDeadlineSeconds": "soon"}"#, status: 400,
            code: "InvalidRequest", message: "activeDeadlineSeconds"),
        Bad(
            method: "POST", target: "/v1/jobs", body: #"{"command": "x", "activeDeadlineSeconds": 1e30}"#, status: 400,
            code: "InvalidRequest", message: "activeDeadlineSeconds"),
        Bad(
            method: "POST", target: "/v1/jobs", body: "", status: 400, code: "InvalidRequest",
            message: "no command was given"),
        Bad(
            method: "POST", target: "/v1/jobs", body: #"{"command": "x", "groupName": "other"}"#, status: 404,
            code: "NotFound",
            message: "there is no group 'other'"),
        Bad(
            method: "POST", target: "/v1/jobs", body: #"{"command": "x", "environment": {"A=B": "c"}}"#, status: 400,
            code: "InvalidRequest", message: "cannot name an environment variable"),
        Bad(
            method: "POST", target: "/v1/jobs", body: String(repeating: "[", count: 5000), status: 400,
            code: "InvalidRequest",
            message: "JSON"),
        Bad(
            method: "POST", target: "/v1/jobs",
            body: String(repeating: "[", count: 400) + String(repeating: "]", count: 400), status: 400,
            code: "InvalidRequest", message: ""),
        Bad(
            method: "POST", target: "/v1/jobs",
            body: String(repeating: #"{"a":"#, count: 400) + "1" + String(repeating: "}", count: 400), status: 400,
            code: "InvalidRequest", message: ""),
    ]

    @Test("What is wrong is said, with code and status, and changes nothing", arguments: bad)
    func errors(_ bad: Bad) async throws {
        try await withAPI { api in
            let answer = try api.request(bad.method, bad.target, body: bad.body)
            #expect(answer.status == bad.status)
            let error = try #require(answer.error, "\(answer.body)")
            #expect(error.code == bad.code)
            #expect(error.message.contains(bad.message))
            #expect(!answer.body.contains("\u{1b}"))
            #expect(answer.headers["Content-Type"] == "application/json")
            if bad.status == 405 { #expect(answer.headers["Allow"]?.contains("GET") == true) }
            #expect(try api.client.jobs(JobFilter()).total == 0)
        }
    }

    @Test("A body that is too large is refused with its bound")
    func tooLarge() async throws {
        try await withAPI { api in
            let command = String(repeating: "x", count: 3 << 20) + "y"
            #expect { try api.client.submit(JobSubmission(command: command)) } throws: {
                let error = $0 as? PhjobError
                return error?.code == .limitExceeded && error?.message.contains("at most 3145728") == true
            }
            let answer = try api.request("POST", "/v1/jobs", body: String(repeating: " ", count: 5 << 20))
            #expect(answer.status == 413)
            #expect(answer.error?.message.isEmpty == false)
        }
    }

    @Test("Lists are filtered and paged by the server")
    func lists() async throws {
        try await withAPI(WorldOptions(cpus: 1)) { api in
            let ids = try (0..<7).map { index in
                try api.client.submit(
                    JobSubmission(displayName: "number\(index)", command: "sleep 3600", environment: ["A": "b"])
                ).id
            }
            var filter = JobFilter()
            filter.limit = 3
            var seen: [JobID] = []
            while true {
                let page = try api.client.jobs(filter)
                #expect(page.total == 7 && page.items.count <= 3)
                seen += page.items.map(\.id)
                guard let next = page.next else { break }
                filter.after = next
            }
            #expect(seen == ids.reversed())
            var search = JobFilter()
            search.search = "NUMBER4"
            #expect(try api.client.jobs(search).items.map(\.id) == [ids[4]])
            var pending = JobFilter()
            pending.phases = [.pending]
            let waiting = try api.client.jobs(pending)
            #expect(waiting.items.map(\.queuePosition) == [6, 5, 4, 3, 2, 1])
            // Values of variables are nobody's business.
            #expect(try !api.request("GET", "/v1/jobs").body.contains(#""b""#))
            for id in ids.reversed() { _ = try api.client.cancel(id.text) }
            _ = try api.client.wait(ids.map(\.text))
        }
    }
}
