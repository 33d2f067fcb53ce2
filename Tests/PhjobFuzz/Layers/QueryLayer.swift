import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobTestSupport

/// What a query asks for: written and read again it is the same, and what is wrong is said in plain words.
enum QueryLayer: FuzzLayer {
    static let name = "query"

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        var filter = filter(&random)
        var options = options(&random)
        let items = filter.queryItems + options.queryItems
        var target = Array(WireRequest.target(["v1", "jobs"], items, &random).utf8)
        let isChanged = !random.happens(onceIn: 3)
        if isChanged { target = Mutation.bytes(target, &random) }
        guard let request = try read(target) else {
            try Check.isTrue(isChanged || target.count > 16_000 || hasNUL(items), "a good query is refused")
            return false
        }
        let query = RequestQuery(request)
        switch Result(catching: { () throws(PhjobError) in (try JobFilter(query), try LogOptions(query)) }) {
        case .success((let found, let foundOptions)):
            // Both have a `since`, and the first one counts for both.
            filter.since = filter.since ?? options.since
            options.since = filter.since
            guard !isChanged else { return true }
            try Check.equal(found, filter, "the filter")
            try Check.equal(foundOptions, options, "the options")
            return true
        case .failure(let error):
            try Check.isPlain(error.description, "the refusal")
            try Check.isTrue(isChanged || (filter.search?.utf8.count ?? 0) > 1024, "a good query is refused: \(error)")
            return false
        }
    }

    private static func hasNUL(_ items: [HTTPQueryItem]) -> Bool { items.contains { $0.value.utf8.contains(0) } }

    private static func filter(_ random: inout Randomness) -> JobFilter {
        var filter = JobFilter()
        filter.groups = (0..<random.number(0...2)).map { _ in random.text() }
        filter.isMine = random.happens(onceIn: 3)
        filter.phases = (0..<random.number(0...2)).map { _ in random.one(of: JobPhase.allCases) }
        if random.happens(onceIn: 3) {
            let text = random.text()
            filter.search = JobFilter.isEmpty(text) ? nil : text
        }
        if random.happens(onceIn: 3) { filter.since = time(&random) }
        if random.happens(onceIn: 3) { filter.after = SampleJob.id(random.number(0...10_000)) }
        if random.happens(onceIn: 3) { filter.limit = random.number(1...1000) }
        return filter
    }

    private static func options(_ random: inout Randomness) -> LogOptions {
        var options = LogOptions()
        options.follow = random.happens(onceIn: 2)
        if random.happens(onceIn: 2) { options.tail = random.one(of: [0, 1, 10_000, Int.max]) }
        if random.happens(onceIn: 3) { options.since = time(&random) }
        options.timestamps = random.happens(onceIn: 2)
        return options
    }

    private static func time(_ random: inout Randomness) -> Timestamp {
        Timestamp(milliseconds: Int64(random.number(0...4_000_000_000_000)))
    }

    /// The request with this target; nil if it is refused.
    private static func read(_ target: [UInt8]) throws(Violation) -> HTTPRequest? {
        var parser = HTTPRequestParser()
        do throws(HTTPError) {
            _ = try parser.feed(Array("GET ".utf8) + target + Array(" HTTP/1.1\r\n\r\n".utf8))
        } catch {
            try Check.isPlain(error.description, "the answer", most: 1000)
            return nil
        }
        return parser.takeRequest()
    }
}
