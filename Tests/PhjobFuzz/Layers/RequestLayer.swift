import PhjobAPI
import PhjobCore
import PhjobHTTP

/// Requests as bytes: however they are cut, they are understood in one way, and as they were meant.
enum RequestLayer: FuzzLayer {
    static let name = "request"

    private static let limits = {
        var limits = HTTPLimits()
        (limits.headBytes, limits.fieldCount, limits.bodyBytes) = (1500, 8, 1000)
        return limits
    }()

    /// What came of a connection's bytes.
    private struct Outcome: Equatable {
        var requests: [HTTPRequest] = []
        var error: HTTPError?
        var stage = HTTPRequestParser.Stage.waiting
    }

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        let meant = (0..<random.number(1...3)).map { _ in WireRequest(&random) }
        var bytes = meant.flatMap { $0.bytes(&random) }
        let isChanged = !random.happens(onceIn: 3)
        if isChanged { bytes = Mutation.bytes(bytes, &random) }
        let outcome = try read([bytes[...]])
        let pieces = random.pieces(of: bytes)
        try Check.equal(try read(pieces), outcome, "what is read in \(pieces.count) pieces and in one")
        for request in outcome.requests {
            try Check.isTrue(request.body.count <= limits.bodyBytes, "a body of \(request.body.count) bytes")
            try Check.isTrue(!request.target.segments.contains { $0 == ".." || $0 == "." }, "dots in the path")
            try Check.isTrue(
                !(request.target.segments + request.target.query.map(\.value)).contains { $0.utf8.contains(0) }, "a NUL"
            )
        }
        if !isChanged, outcome.error == nil { try compare(meant, outcome) }
        if let error = outcome.error {
            try Check.isTrue(error.status != nil, "\(error) cannot be answered")
            try Check.isPlain(error.description, "the answer", most: 1000)
        }
        return outcome.error == nil && !outcome.requests.isEmpty
    }

    private static func compare(_ meant: [WireRequest], _ outcome: Outcome) throws(Violation) {
        try Check.equal(outcome.requests.count, meant.count, "the number of requests")
        for (found, meant) in zip(outcome.requests, meant) {
            try Check.equal(found.method, meant.method, "the method")
            // By their bytes: Swift takes texts for equal that are written in two ways.
            try Check.equal(
                found.target.segments.map { Array($0.utf8) }, meant.segments.map { Array($0.utf8) }, "the path")
            try Check.equal(
                found.target.query.map { [Array($0.name.utf8), Array($0.value.utf8)] },
                meant.query.map { [Array($0.name.utf8), Array($0.value.utf8)] }, "the query")
            try Check.equal(found.body, meant.body, "the body")
            for field in meant.fields {
                try Check.isTrue(found.headers.values(field.name).contains(field.value), "\(field.name) is lost")
            }
        }
    }

    private static func read(_ pieces: [ArraySlice<UInt8>]) throws(Violation) -> Outcome {
        var parser = HTTPRequestParser(limits: limits)
        var outcome = Outcome()
        for piece in pieces {
            var rest = piece
            repeat {
                do throws(HTTPError) {
                    let taken = try parser.feed(rest)
                    rest = rest.dropFirst(taken)
                } catch {
                    outcome.error = error
                    return outcome
                }
                if let request = parser.takeRequest() { outcome.requests.append(request) }
            } while !rest.isEmpty
        }
        outcome.stage = parser.stage
        return outcome
    }
}
