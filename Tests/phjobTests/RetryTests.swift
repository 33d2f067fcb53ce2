import PhjobCore
import PhjobHTTP
import Synchronization
import Testing

@testable import PhjobAPI

/// What a client does that is told to come back later.
@Suite struct RetryTests {
    private static func refusal(_ status: HTTPStatus, after seconds: String?) throws -> HTTPResponse {
        let error = PhjobError(.tooManyRequests, "too many", hint: "wait")
        var response = try JSONBody.response(status, ErrorBody(error))
        response.headers["Retry-After"] = seconds
        return response
    }

    @Test(arguments: [HTTPStatus.tooManyRequests, .serviceUnavailable])
    func asksAgainUntilItIsDone(_ status: HTTPStatus) throws {
        let refusals = Mutex(2)
        let api = try FakeAPI { _ in
            let isRefused = refusals.withLock { left in
                defer { left -= 1 }
                return left > 0
            }
            return try isRefused ? Self.refusal(status, after: "0") : JSONBody.response(.ok, SampleView.waiting)
        }
        let job = try APIClient(socketPath: api.socket).submit(JobSubmission(command: "ls"))
        #expect(job == SampleView.waiting)
        #expect(api.requests == Array(repeating: "POST jobs", count: 3))
    }

    @Test(arguments: [
        (HTTPStatus.tooManyRequests, String?.some("3600")), (.tooManyRequests, nil), (.serviceUnavailable, nil),
    ])
    func anAnswerStandsThatNobodyCanWaitFor(_ status: HTTPStatus, after: String?) throws {
        let api = try FakeAPI { _ in try Self.refusal(status, after: after) }
        #expect(throws: PhjobError(.tooManyRequests, "too many", hint: "wait")) {
            try APIClient(socketPath: api.socket).submit(JobSubmission(command: "ls"))
        }
        #expect(api.requests == ["POST jobs"])
    }

    @Test func waitsAsLongAsItIsTold() {
        #expect(RetryDelay(.tooManyRequests, ["Retry-After": "7"])?.shortest == .seconds(7))
        #expect(RetryDelay(.serviceUnavailable, ["Retry-After": "1"])?.shortest == .milliseconds(100))
        #expect(RetryDelay(.forbidden, ["Retry-After": "1"]) == nil)
        for text in ["-1", "soon", "", "1.5", "99999999999999999999"] {
            #expect(RetryDelay(.tooManyRequests, ["Retry-After": text]) == nil)
        }
    }
}
