import Testing

@testable import PhjobHTTP

/// What we write is what we read.
@Suite struct HTTPMessageTests {
    @Test func requestComesBack() throws {
        let segments = ["v1", "jobs", "a/b", "ä %?#&=+", "…"]
        let query = [HTTPQueryItem("q", "x y+z&=%/ü"), HTTPQueryItem("q", ""), HTTPQueryItem("ä", "1")]
        let sent = HTTPRequest(
            "POST", segments: segments, query: query, headers: ["X-A": "1"], body: Array("{}".utf8))
        var parser = HTTPRequestParser()
        let request = try #require(try parseAll([sent.encodedHead() + sent.body], &parser).first)
        #expect(request.method == "POST")
        #expect(request.target.segments == segments)
        #expect(request.target.query == query)
        #expect(request.target == sent.target)
        #expect(request.headers == ["X-A": "1", "Host": "localhost", "Content-Length": "2"])
        #expect(request.body == sent.body)
        #expect(HTTPRequest("GET", "/v1/jobs").target.segments == ["v1", "jobs"])
        #expect(HTTPRequest("GET", "/").path == "/")
    }

    @Test func valuesStayInTheirLine() {
        let response = HTTPResponse(.ok, headers: ["A": "b\r\nSet: c\0d", "E\nF": "g"], body: [1])
        let text = String(decoding: response.encoded(keepAlive: true), as: UTF8.self)
        #expect(text.contains("A: b  Set: c d\r\nE F: g\r\n"))
    }

    @Test func responseHeadComesBack() throws {
        let bytes = HTTPResponse.encodedHead(
            .noContent, ["Content-Length": "9", "A": "b"], framing: .length(9), keepAlive: false)
        let head = try ResponseHead(parsing: bytes.dropLast(2), fieldLimit: 10)
        #expect(head.status == .noContent && !head.keepsAlive)
        #expect(head.headers["Content-Length"] == nil && head.headers["A"] == "b" && head.headers["Date"] != nil)
        #expect(try BodyFraming.ofResponse(head.status, head.headers, head.version, isHead: false) == .length(0))
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.1 20 OK", "HTTP/1.1 099 X", "HTTP/1.1 600 X", "SSH-2.0-x"])
    func refusesStatusLine(_ line: String) {
        #expect(throws: HTTPError.malformed(.statusLine)) {
            try ResponseHead(parsing: Array((line + "\r\n").utf8), fieldLimit: 10)
        }
    }

    @Test func headers() {
        var headers: HTTPHeaders = ["A": "1"]
        headers.add("a", "2, , X")
        #expect(headers["a"] == "1" && headers.values("A") == ["1", "2, , X"])
        #expect(headers.listMembers("A") == ["1", "2", "x"])
        headers["A"] = "3"
        #expect(headers.values("a") == ["3"])
        headers["A"] = nil
        #expect(headers == HTTPHeaders())
    }

    @Test func date() {
        #expect(HTTPDate.text(secondsSince1970: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test func deadline() {
        #expect(Deadline.never.pollTimeout == -1 && !Deadline.never.hasPassed)
        #expect(Deadline.now.hasPassed && Deadline.now.pollTimeout == 0)
        let long = Deadline(after: .seconds(1 << 60))
        #expect(!long.hasPassed && long.pollTimeout == Int32.max)
        #expect((1...5000).contains(Deadline.earlier(long, Deadline(after: .seconds(5))).pollTimeout))
        #expect((1...5000).contains(Deadline.earlier(Deadline(after: .seconds(5)), .never).pollTimeout))
    }

    static let answered: [(HTTPError, Int)] = [
        (.headTimedOut(.seconds(5)), 408), (.bodyTimedOut(.seconds(30)), 408), (.bodyTooLarge(limit: 4 << 20), 413),
        (.targetTooLong(limit: 1), 414), (.unsupportedExpectation, 417), (.headTooLarge(limit: 16384), 431),
        (.tooManyFields(limit: 1), 431), (.unsupportedTransferCoding, 501), (.unsupportedVersion, 505),
        (.tooManyConnections, 503), (.tooManyConnectionsOfPeer(limit: 1), 503), (.unanswered, 500),
    ]

    @Test func errorsHaveStatusAndWords() {
        let all = Self.answered + HTTPFault.allCases.map { (.malformed($0), 400) }
        for (error, code) in all {
            #expect(error.status?.code == code)
            #expect(!error.description.isEmpty && error.description.allSatisfy { $0.isASCII && $0 != "\"" })
            #expect(HTTPStatus(code).reasonPhrase != "")
        }
        #expect(HTTPError.bodyTooLarge(limit: 4 << 20).description.contains("larger than 4 MiB;"))
        #expect(HTTPError.connectFailed(errno: 2).description == "cannot connect: No such file or directory")
        #expect(HTTPError.connectFailed(errno: 2).status == nil)
    }
}
