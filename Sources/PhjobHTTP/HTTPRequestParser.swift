/// Makes requests out of the bytes of a connection, at whatever points they are split. Pure: no I/O and no clock.
package struct HTTPRequestParser: Sendable {
    /// How far the present request has come.
    package enum Stage: Sendable, Equatable {
        /// Nothing of it is here.
        case waiting
        case head
        case body
        /// `takeRequest()` gives it.
        case complete
    }

    package private(set) var stage = Stage.waiting
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110, section 10.1.1). True until a
    /// byte of the body has come, or `continueSent()` is called.
    package private(set) var awaitsContinue = false

    private let limits: HTTPLimits
    private var head: HeadCollector
    private var body: BodyDecoder
    private var request: HTTPRequest?

    package init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        self.head = HeadCollector(limit: limits.headBytes)
        self.body = BodyDecoder(.length(0), limits: limits)
    }

    /// Takes bytes up to the end of the request; what follows belongs to the next one, to be given again after
    /// `takeRequest()`.
    ///
    /// - Returns: how many bytes were taken.
    /// - Throws: an `HTTPError` that has a `status`. After it the parser is of no more use: where the next request
    ///   starts is not known.
    package mutating func feed(_ input: UnsafeRawBufferPointer) throws(HTTPError) -> Int {
        var taken = 0
        if stage == .waiting || stage == .head {
            let (count, isComplete) = try head.feed(input)
            taken = count
            stage = head.isEmpty ? .waiting : .head
            if isComplete {
                try startBody()
            }
        }
        while stage == .body && taken < input.count {
            let rest = UnsafeRawBufferPointer(rebasing: input[taken...])
            let (count, data) = try body.next(rest)
            taken += count
            awaitsContinue = false
            let room = limits.bodyBytes - (request?.body.count ?? 0) - data.count
            guard body.announced <= room else {
                throw .bodyTooLarge(limit: limits.bodyBytes)
            }
            request?.body.append(contentsOf: rest[data])
            if body.isComplete {
                stage = .complete
            }
        }
        return taken
    }

    /// As `feed(_:)`, from an array.
    package mutating func feed(_ input: some Collection<UInt8>) throws(HTTPError) -> Int {
        try Array(input).withUnsafeBufferPointer { (buffer) throws(HTTPError) in
            try feed(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Says that `100 Continue` has been sent.
    package mutating func continueSent() {
        awaitsContinue = false
    }

    /// The request, if it is complete; the parser then waits for the next one.
    package mutating func takeRequest() -> HTTPRequest? {
        guard stage == .complete, let request else {
            return nil
        }
        self = HTTPRequestParser(limits: limits)
        return request
    }

    /// The head has come: reads it, and finds out what follows.
    private mutating func startBody() throws(HTTPError) {
        let lines = FieldSection.lines(head.bytes)
        let (method, target, version) = try Self.parseRequestLine(lines[0])
        let headers = try FieldSection.parse(lines.dropFirst(), limit: limits.fieldCount)
        guard headers.values("Host").count <= 1 else {
            throw .malformed(.repeatedHost)
        }
        let framing = try BodyFraming.ofRequest(headers, version)
        if case .length(let count) = framing, count > limits.bodyBytes {
            throw .bodyTooLarge(limit: limits.bodyBytes)
        }
        body = BodyDecoder(framing, limits: limits)
        request = HTTPRequest(
            method: method, target: target, headers: headers, body: [], isVersion10: version == .http10)
        head = HeadCollector(limit: limits.headBytes)
        stage = body.isComplete ? .complete : .body
        let expectations = headers.listMembers("Expect")
        guard expectations.allSatisfy({ $0 == "100-continue" }) else {
            throw .unsupportedExpectation
        }
        awaitsContinue = !expectations.isEmpty && version == .http11 && stage == .body
    }

    /// Single spaces between three parts, and nothing else (RFC 9112, section 3).
    private static func parseRequestLine(
        _ line: ArraySlice<UInt8>
    ) throws(HTTPError) -> (method: String, target: HTTPTarget, version: ProtocolVersion) {
        let parts = line.split(separator: .space, omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else {
            throw .malformed(.requestLine)
        }
        guard parts[0].allSatisfy(\.isToken) else {
            throw .malformed(.method)
        }
        let version = try ProtocolVersion(parsing: parts[2])
        return (String(decoding: parts[0], as: UTF8.self), try HTTPTarget(parsing: parts[1]), version)
    }
}
