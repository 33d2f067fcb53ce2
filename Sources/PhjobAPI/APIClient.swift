import Glibc
package import PhjobCore
import PhjobHTTP

/// The API as functions. Every request has a connection of its own.
package struct APIClient: Sendable {
    package let socketPath: String
    private let interrupt: Int32?
    private let verify: (@Sendable (Int32, String) throws -> Void)?
    private let start: (@Sendable () throws -> String)?

    /// For how long a runner that has no room for a request is asked again.
    private static let patience = Duration.seconds(60)

    /// The wait was given up because of a signal.
    package struct Interrupted: Error {
        package init() {}
    }

    /// Nobody serves at the socket.
    package struct NotRunning: Error, CustomStringConvertible {
        package let socketPath: String
        package let number: Int32

        package var description: String { "no runner answers at \(socketPath): \(String(cString: strerror(number)))" }
    }

    /// - Parameters:
    ///   - interrupt: when it becomes readable, a request that waits ends with ``Interrupted``.
    ///   - verify: called with each connection and its path before anything is sent; throws if what serves there is not to be
    ///     talked to.
    ///   - start: called if nobody serves at the socket; gives the socket where somebody does now.
    package init(
        socketPath: String, interrupt: Int32? = nil, verify: (@Sendable (Int32, String) throws -> Void)? = nil,
        start: (@Sendable () throws -> String)? = nil
    ) {
        self.socketPath = socketPath
        self.interrupt = interrupt
        self.verify = verify
        self.start = start
    }

    package func status() throws -> RunnerStatus { try call("GET", ["runner"]) }

    /// Asks the runner to end; running jobs run on.
    package func stopRunner() throws {
        let _: RunnerStatus = try call("POST", ["runner", "stop"])
    }

    /// Keeps jobs from being started, for administrators.
    package func drain(reason: String) throws -> RunnerStatus {
        try call("POST", ["drain"], body: DrainRequest(reason: reason))
    }

    package func resume() throws -> RunnerStatus { try call("POST", ["resume"]) }

    /// Removes records of ended jobs, or says which ones it would remove; for administrators.
    package func prune(_ request: PruneRequest) throws -> PruneAnswer { try call("POST", ["prune"], body: request) }

    /// Holds a waiting job back, releases it, or moves it in the queue.
    package func set(_ selector: String, _ change: QueueingChange) throws -> JobView {
        try call("POST", ["jobs", selector, "set"], body: change)
    }

    package func quota() throws -> QuotaView { try call("GET", ["quota"]) }

    package func catalogue() throws -> CatalogueView { try call("GET", ["catalogue"]) }

    package func gpus() throws -> GPUList { try call("GET", ["gpus"]) }

    package func submit(_ submission: JobSubmission) throws -> JobView { try submitting(submission).view() }

    package func submitting(_ submission: JobSubmission) throws -> JobAnswer {
        JobAnswer(body: try answer("POST", ["jobs"], body: submission))
    }

    package func tryOut(_ submission: JobSubmission) throws -> DryRunAnswer {
        try call("POST", ["jobs"], query: [HTTPQueryItem("dryRun", "1")], body: submission)
    }

    package func jobs(_ filter: JobFilter) throws -> JobPage { try call("GET", ["jobs"], query: filter.queryItems) }

    /// - Parameter selector: an id, the beginning of one, `@` for the newest of one's own, `@~1` for the one before.
    package func job(_ selector: String) throws -> JobView { try call("GET", ["jobs", selector]) }

    package func cancel(_ selector: String) throws -> JobView { try call("POST", ["jobs", selector, "cancel"]) }

    package func rerunning(_ selector: String, overrides: JobSubmission) throws -> JobAnswer {
        JobAnswer(body: try answer("POST", ["jobs", selector, "rerun"], body: overrides))
    }

    /// Waits until all jobs, or any of them, have ended.
    ///
    /// - Parameter timeout: seconds; nil for as long as it takes.
    package func wait(_ selectors: [String], any: Bool = false, timeout: Int64? = nil) throws -> WaitAnswer {
        var query = selectors.map { HTTPQueryItem("job", $0) }
        if any { query.append(HTTPQueryItem("any", "1")) }
        if let timeout { query.append(HTTPQueryItem("timeout", "\(timeout)")) }
        return try call("GET", ["wait"], query: query)
    }

    /// Waits until something has changed since `revision`.
    package func waitForChange(since revision: UInt64) throws -> ChangesAnswer {
        try call("GET", ["changes"], query: [HTTPQueryItem("since", "\(revision)")])
    }

    /// Hands on a job's log as it comes.
    ///
    /// - Returns: why lines may be missing; nil if the log is whole so far.
    package func log(
        _ selector: String, _ options: LogOptions, emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> String? {
        let path = try Self.segments(["jobs", selector, "logs"])
        let request = HTTPRequest("GET", segments: path, query: options.queryItems)
        let (client, response) = try send(request)
        defer { client.close() }
        do {
            guard response.status.isSuccess else { throw try Self.error(in: response) }
            var buffer = [UInt8](repeating: 0, count: 256 << 10)
            while true {
                let count = try buffer.withUnsafeMutableBytes { (bytes) throws(HTTPError) in
                    try response.read(into: bytes)
                }
                if count == 0 { break }
                try buffer.withUnsafeBytes { try emit(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
            return response.trailers[LogOptions.incompleteTrailer]
        } catch let error as HTTPError {
            throw Self.translate(error)
        }
    }

    /// The parts of a request's path; an empty one would name another path.
    private static func segments(_ path: [String]) throws(PhjobError) -> [String] {
        guard !path.contains("") else {
            throw PhjobError(.invalidRequest, "the id is empty", hint: "see 'phjob list'")
        }
        return ["v1"] + path
    }

    private func connect() throws -> HTTPClient {
        do {
            return try connect(to: socketPath)
        } catch let error as NotRunning {
            guard let start else { throw error }
            return try connect(to: start())
        }
    }

    private func connect(to path: String) throws -> HTTPClient {
        let client: HTTPClient
        do throws(HTTPError) {
            client = try HTTPClient.connect(unixPath: path, timeout: .seconds(30), interrupt: interrupt)
        } catch .connectFailed(let number) {
            throw NotRunning(socketPath: path, number: number)
        } catch {
            throw Self.translate(error)
        }
        try verify?(client.connection, path)
        return client
    }

    private func call<Answer: Decodable>(
        _ method: String, _ path: [String], query: [HTTPQueryItem] = [], body: (some Encodable)? = JobSubmission?.none
    ) throws -> Answer {
        try JSONBody.decode(Answer.self, from: answer(method, path, query: query, body: body))
    }

    private func answer(
        _ method: String, _ path: [String], query: [HTTPQueryItem] = [], body: (some Encodable)? = JobSubmission?.none
    ) throws -> [UInt8] {
        var request = HTTPRequest(method, segments: try Self.segments(path), query: query)
        if let body {
            request.body = try JSONBody.encode(body)
            request.headers["Content-Type"] = "application/json"
        }
        let (client, response) = try send(request)
        defer { client.close() }
        do {
            guard response.status.isSuccess else { throw try Self.error(in: response) }
            return try response.readBody(limit: 1 << 30)
        } catch let error as HTTPError {
            throw Self.translate(error)
        }
    }

    /// Sends a request over a connection of its own; again, for a while, if the runner had no room for it.
    ///
    /// - Returns: the connection, which is the caller's to close, and the answer.
    private func send(_ request: HTTPRequest) throws -> (HTTPClient, HTTPClientResponse) {
        var deadline: ContinuousClock.Instant?
        while true {
            let client = try connect()
            let delay: Duration
            do {
                let response = try client.send(request)
                let end = deadline ?? .now.advanced(by: Self.patience)
                guard let retry = RetryDelay(response), .now.advanced(by: retry.shortest) < end else {
                    return (client, response)
                }
                deadline = end
                delay = retry.random()
            } catch {
                client.close()
                throw Self.translate(error)
            }
            client.close()
            try pause(delay)
        }
    }

    /// - Throws: ``Interrupted``.
    private func pause(_ time: Duration) throws {
        // poll(2) passes over a negative descriptor.
        var entry = pollfd(fd: interrupt ?? -1, events: Int16(POLLIN), revents: 0)
        if poll(&entry, 1, Int32((time / .milliseconds(1)).rounded(.up))) > 0 { throw Interrupted() }
    }

    private static func error(in response: HTTPClientResponse) throws -> PhjobError {
        let body = try response.readBody(limit: 1 << 20)
        if let error = try? JSONBody.decode(ErrorBody.self, from: body) { return error.phjobError }
        return PhjobError(.internalError, "the runner answered with status \(response.status.code) and no reason")
    }

    private static func translate(_ error: HTTPError) -> any Error {
        switch error {
        case .interrupted: Interrupted()
        case .closed, .truncated:
            PhjobError(.unavailable, "the runner ended the connection", hint: "see 'phjob runner status'")
        default: PhjobError(.unavailable, "the runner cannot be talked to: \(error)", hint: "see 'phjob runner status'")
        }
    }
}
