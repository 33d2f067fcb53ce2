import Testing

@testable import PhjobHTTP

@Suite struct HTTPRequestParserTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let input: String
        let error: HTTPError
        var testDescription: String { String(reflecting: String(input.prefix(60))) }

        init(_ input: String, _ error: HTTPError) {
            self.input = input
            self.error = error
        }

        init(_ input: String, _ fault: HTTPFault) {
            self.init(input, .malformed(fault))
        }
    }

    static let refusals: [Refusal] = [
        // The request line.
        Refusal("GET /\r\n\r\n", .requestLine),
        Refusal("GET  / HTTP/1.1\r\n\r\n", .requestLine),
        Refusal("GET / HTTP/1.1 \r\n\r\n", .requestLine),
        Refusal(" GET / HTTP/1.1\r\n\r\n", .requestLine),
        Refusal("\r\n\r\nGET / HTTP/1.1\r\n\r\n", .requestLine),
        Refusal("GET\t/\tHTTP/1.1\r\n\r\n", .requestLine),
        Refusal("G(T / HTTP/1.1\r\n\r\n", .method),
        Refusal("G\u{0}T / HTTP/1.1\r\n\r\n", .method),
        Refusal("GET / HTTP/1.1\n\n", .bareLineFeed),
        Refusal("\nGET / HTTP/1.1\r\n\r\n", .bareLineFeed),
        Refusal("GET / HTTP/1.1\r\r\n\r\n", .version),
        Refusal("GET / HTTP/1\r\n\r\n", .version),
        Refusal("GET / http/1.1\r\n\r\n", .version),
        Refusal("GET / HTTP/1,1\r\n\r\n", .version),
        Refusal("GET / HTTP/1.10\r\n\r\n", .version),
        Refusal("GET / HTTP/2.0\r\n\r\n", .unsupportedVersion),
        Refusal("GET / HTTP/0.9\r\n\r\n", .unsupportedVersion),
        Refusal("PRI * HTTP/2.0\r\n\r\n", .unsupportedVersion),
        // The target.
        Refusal("GET http://host/ HTTP/1.1\r\n\r\n", .target),
        Refusal("OPTIONS * HTTP/1.1\r\n\r\n", .target),
        Refusal("CONNECT host:80 HTTP/1.1\r\n\r\n", .target),
        Refusal("GET v1 HTTP/1.1\r\n\r\n", .target),
        Refusal("GET /a#b HTTP/1.1\r\n\r\n", .target),
        Refusal("GET /a\"b HTTP/1.1\r\n\r\n", .target),
        Refusal("GET /\u{0}b HTTP/1.1\r\n\r\n", .target),
        Refusal("GET /ä HTTP/1.1\r\n\r\n", .target),
        Refusal("GET /a\rb HTTP/1.1\r\n\r\n", .target),
        Refusal("GET /%4 HTTP/1.1\r\n\r\n", .percentEncoding),
        Refusal("GET /% HTTP/1.1\r\n\r\n", .percentEncoding),
        Refusal("GET /%zz HTTP/1.1\r\n\r\n", .percentEncoding),
        Refusal("GET /%2/0 HTTP/1.1\r\n\r\n", .percentEncoding),
        Refusal("GET /?a=%f HTTP/1.1\r\n\r\n", .percentEncoding),
        Refusal("GET /a%00b HTTP/1.1\r\n\r\n", .targetText),
        Refusal("GET /%ff HTTP/1.1\r\n\r\n", .targetText),
        Refusal("GET /?a=%c3 HTTP/1.1\r\n\r\n", .targetText),
        Refusal("GET /a/../b HTTP/1.1\r\n\r\n", .dotSegment),
        Refusal("GET /a/%2e%2E HTTP/1.1\r\n\r\n", .dotSegment),
        Refusal("GET /. HTTP/1.1\r\n\r\n", .dotSegment),
        // The fields.
        Refusal("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", .foldedField),
        Refusal("GET / HTTP/1.1\r\n A: b\r\n\r\n", .foldedField),
        Refusal("GET / HTTP/1.1\r\n\tA: b\r\n\r\n", .foldedField),
        Refusal("GET / HTTP/1.1\r\nA\r\n\r\n", .fieldLine),
        Refusal("GET / HTTP/1.1\r\n: b\r\n\r\n", .fieldName),
        Refusal("GET / HTTP/1.1\r\nA : b\r\n\r\n", .fieldName),
        Refusal("GET / HTTP/1.1\r\nA\r: b\r\n\r\n", .fieldName),
        Refusal("GET / HTTP/1.1\r\nA\u{0}: b\r\n\r\n", .fieldName),
        Refusal("GET / HTTP/1.1\r\nÄ: b\r\n\r\n", .fieldName),
        Refusal("GET / HTTP/1.1\r\nA\n: b\r\n\r\n", .bareLineFeed),
        Refusal("GET / HTTP/1.1\r\nA: b\n\r\n", .bareLineFeed),
        Refusal("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", .fieldValue),
        Refusal("GET / HTTP/1.1\r\nA: b\u{0}\r\n\r\n", .fieldValue),
        Refusal("GET / HTTP/1.1\r\nA: \u{7f}\r\n\r\n", .fieldValue),
        Refusal("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", .repeatedHost),
        Refusal("GET / HTTP/1.1\r\nA: b\r\nB: c\r\nC: d\r\nD: e\r\nE: f\r\n\r\n", .tooManyFields(limit: 4)),
        Refusal("GET / HTTP/1.1\r\nExpect: cake\r\n\r\n", .unsupportedExpectation),
        // How long the body is.
        Refusal("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", .contentLength),
        Refusal("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", .contentLength),
        Refusal("POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", .contentLength),
        Refusal("POST / HTTP/1.1\r\nContent-Length: 1 2\r\n\r\n", .contentLength),
        Refusal("POST / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\n", .contentLength),
        Refusal("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", .contentLength),
        Refusal("POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", .repeatedContentLength),
        Refusal("POST / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n", .repeatedContentLength),
        Refusal("POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n", .repeatedContentLength),
        Refusal(
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthAndTransferEncoding),
        Refusal("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", .unsupportedTransferCoding),
        Refusal("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedTransferCoding),
        Refusal("POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", .transferEncoding),
        Refusal("POST / HTTP/1.1\r\nTransfer-Encoding:\r\n\r\n", .transferEncoding),
        Refusal(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncoding),
        Refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncoding),
        Refusal("POST / HTTP/1.1\r\nContent-Length: 65\r\n\r\n", .bodyTooLarge(limit: 64)),
        Refusal("POST / HTTP/1.1\r\nContent-Length: 9223372036854775807\r\n\r\n", .bodyTooLarge(limit: 64)),
        // Chunks; more of them in `ChunkDecoderTests`.
        Refusal("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", .chunkSize),
        Refusal("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n", .bodyTooLarge(limit: 64)),
        Refusal(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n", .bodyTooLarge(limit: 64)),
        Refusal(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n7fffffffffffffff\r\n",
            .bodyTooLarge(limit: 64)),
        // Sizes.
        Refusal("GET /" + String(repeating: "a", count: 600), .targetTooLong(limit: 512)),
        Refusal("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 600), .headTooLarge(limit: 512)),
        Refusal(
            "GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 99) + "\r\n", .headTooLarge(limit: 512)),
    ]

    static let limits = {
        var limits = HTTPLimits()
        limits.headBytes = 512
        limits.fieldCount = 4
        limits.bodyBytes = 64
        return limits
    }()

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) {
        let input = Array(refusal.input.utf8)
        for split in 0...input.count {
            #expect(throws: refusal.error, "split at \(split)") {
                var parser = HTTPRequestParser(limits: Self.limits)
                _ = try parseAll([Array(input[..<split]), Array(input[split...])], &parser)
            }
        }
        #expect(refusal.error.status != nil)
    }

    static let requests = [
        "GET / HTTP/1.1\r\n\r\n",
        "\r\nGET /v1/jobs?phase=Running&phase=Failed&q=a+b%2Bc&flag HTTP/1.1\r\nHost: x\r\nA:b\r\na:\t c \r\n\r\n",
        "POST /v1/jobs/a%2Fb HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\nA;x=\"y\"\r\n0123456789\r\n0\r\nT:u\r\n\r\n",
        "DELETE /v1/jobs/1/ HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n\0",
    ]

    @Test(arguments: requests) func givesTheSameHoweverSplit(_ text: String) throws {
        let input = Array(text.utf8)
        var whole = HTTPRequestParser(limits: Self.limits)
        let expected = try parseAll([input], &whole)
        #expect(expected.count == 1)
        for first in 0...input.count {
            var parser = HTTPRequestParser(limits: Self.limits)
            #expect(try parseAll([Array(input[..<first]), Array(input[first...])], &parser) == expected)
        }
        var bytewise = HTTPRequestParser(limits: Self.limits)
        #expect(try parseAll(input.map { [$0] }, &bytewise) == expected)
    }

    @Test func takesRequestsOneAfterAnother() throws {
        let input = Self.requests.joined()
        for size in [1, 7, 64, 10_000] {
            var parser = HTTPRequestParser(limits: Self.limits)
            let bytes = Array(input.utf8)
            let pieces = stride(from: 0, to: bytes.count, by: size).map {
                Array(bytes[$0..<min($0 + size, bytes.count)])
            }
            let requests = try parseAll(pieces, &parser)
            #expect(requests.map(\.method) == ["GET", "GET", "POST", "POST", "DELETE", "POST"])
            #expect(
                requests.map { String(decoding: $0.body, as: UTF8.self) } == [
                    "", "", "hello", "hello0123456789", "", "\0",
                ])
            #expect(parser.stage == .waiting)
        }
    }

    @Test func readsEveryPart() throws {
        var parser = HTTPRequestParser()
        let request = try #require(try parseAll([Array(Self.requests[1].utf8)], &parser).first)
        #expect(request.path == "/v1/jobs")
        #expect(request.target.segments == ["v1", "jobs"])
        #expect(request.queryValues("phase") == ["Running", "Failed"])
        #expect(request.queryValue("phase") == "Running")
        #expect(request.queryValue("q") == "a b+c")
        #expect(request.queryValue("flag") == "")
        #expect(request.queryValue("other") == nil)
        #expect(request.headers.values("A") == ["b", "c"])
        #expect(request.headers["HOST"] == "x")
        #expect(request.wantsKeepAlive)
    }

    @Test func acceptsExactlyTheLimits() throws {
        let line = "GET / HTTP/1.1\r\nA: "
        let head = line + String(repeating: "a", count: 512 - line.utf8.count - 4) + "\r\n\r\n"
        var parser = HTTPRequestParser(limits: Self.limits)
        #expect(try parseAll([Array(head.utf8)], &parser).count == 1)
        let body = "POST / HTTP/1.1\r\nContent-Length: 64\r\n\r\n" + String(repeating: "b", count: 64)
        #expect(try parseAll([Array(body.utf8)], &parser).first?.body.count == 64)
        let chunk = "20\r\n" + String(repeating: "b", count: 32) + "\r\n"
        let chunks = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n"
        #expect(try parseAll([Array(chunks.utf8)], &parser).first?.body.count == 64)
    }

    @Test func saysWhenTheClientWaitsToContinue() throws {
        var parser = HTTPRequestParser()
        let head = "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"
        _ = try parser.feed(head.utf8)
        #expect(parser.awaitsContinue)
        _ = try parser.feed("a".utf8)
        #expect(!parser.awaitsContinue)
        var empty = HTTPRequestParser()
        _ = try empty.feed("POST / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n".utf8)
        #expect(!empty.awaitsContinue && empty.stage == .complete)
    }
}

/// Feeds pieces as a connection would, and collects the requests.
func parseAll(_ pieces: [[UInt8]], _ parser: inout HTTPRequestParser) throws -> [HTTPRequest] {
    var requests: [HTTPRequest] = []
    for piece in pieces {
        var rest = piece[...]
        repeat {
            let taken = try parser.feed(rest)
            #expect((0...rest.count).contains(taken))
            rest = rest.dropFirst(taken)
            if let request = parser.takeRequest() {
                requests.append(request)
            } else {
                #expect(rest.isEmpty)
                rest = []
            }
        } while !rest.isEmpty
    }
    return requests
}
