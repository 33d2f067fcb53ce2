import Foundation
import Glibc
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Synchronization

@testable import PhjobRunner

/// The API of a runner on a socket.
final class LiveAPI: Sendable {
    let runner: LiveRunner
    let socketPath: String
    let client: APIClient
    private let server: APIServer
    private let counter = Counter()
    private let hasEnded = Atomic<Bool>(false)

    static let user = JobSpec.User(
        name: UserAccount.current?.name ?? "root", uid: geteuid(), gid: getegid())

    /// - Parameter owner: nil for a runner that serves everybody, as its users' directory knows them.
    init(
        _ runner: LiveRunner, owner: JobSpec.User? = LiveAPI.user, limits: HTTPLimits = HTTPLimits(),
        streamLimit: Int? = nil
    ) throws {
        self.runner = runner
        socketPath = runner.world.directory("api.sock")
        client = APIClient(socketPath: socketPath)
        // All connections are of one person here.
        var limits = limits
        limits.connectionsPerPeer = limits.connections
        let listener = try UnixSocket.listen(at: socketPath)
        let configuration = RunnerConfiguration(
            stateDirectory: runner.world.statePath, cataloguePath: runner.world.cataloguePath, socketPath: socketPath,
            environment: [:], version: "1.2.3")
        server = try APIServer(
            listener: fcntl(listener.number, F_DUPFD_CLOEXEC, 3), owner: owner, supervisor: runner.supervisor,
            configuration: configuration,
            startTime: Supervisor.now, limits: limits, streamLimit: { _ in streamLimit },
            stop: { [counter] in counter.add() })
        WorkerThread.start("test-api") { [self] in
            try? server.serve()
            hasEnded.store(true, ordering: .sequentiallyConsistent)
        }
    }

    /// How often the runner was asked to stop.
    var stopCount: Int { counter.count }

    func end() throws {
        server.stop()
        try blockUntil("the server has ended") { hasEnded.load(ordering: .sequentiallyConsistent) }
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func add() { value.withLock { $0 += 1 } }
        var count: Int { value.withLock(\.self) }
    }
}

/// What came back.
struct Answer {
    let status: Int
    let headers: HTTPHeaders
    let body: String

    /// The error in it; nil if there is none.
    var error: ErrorBody.Content? {
        try? JSONBody.decode(ErrorBody.self, from: Array(body.utf8)).error
    }
}

extension LiveAPI {
    func connect() throws -> HTTPClient {
        try HTTPClient.connect(unixPath: socketPath, timeout: .seconds(patience), interrupt: nil)
    }

    /// Sends a request as it stands.
    ///
    /// - Parameter headers: those beside the length of the body and `Connection`.
    func request(
        _ method: String, _ target: String, body: String = "",
        headers: [String] = ["Host: phjob", "Content-Type: application/json"]
    ) throws -> Answer {
        let socket = try UnixSocket.connect(to: socketPath)
        let fields = (headers + ["Connection: close", "Content-Length: \(body.utf8.count)"]).joined(separator: "\r\n")
        try socket.write(Array("\(method) \(target) HTTP/1.1\r\n\(fields)\r\n\r\n\(body)".utf8))
        let bytes = try socket.readAll(limit: 64 << 20)
        let text = String(decoding: bytes, as: UTF8.self)
        let end = try Self.require(text.range(of: "\r\n\r\n"), "an answer without a head: \(text.prefix(200))")
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { String($0.drop { $0 == " " }) }
            if parts.count == 2 { headers[parts[0]] = parts[1] }
        }
        let status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        return Answer(status: status, headers: headers, body: String(text[end.upperBound...]))
    }

    private static func require<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else { throw Failure(description: what) }
        return value
    }

    /// A log as a client gets it.
    func log(_ id: JobID, _ options: LogOptions = LogOptions()) throws -> String {
        var bytes: [UInt8] = []
        _ = try client.log(id.text, options) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Runs `body` with a runner whose API is served.
func withAPI(
    _ options: WorldOptions = WorldOptions(), limits: HTTPLimits = HTTPLimits(), streamLimit: Int? = nil,
    _ body: @escaping @Sendable (LiveAPI) throws -> Void
)
    async throws
{
    try await withRunner(options) { runner in
        let api = try LiveAPI(runner, limits: limits, streamLimit: streamLimit)
        let result = Result { try body(api) }
        try api.end()
        try result.get()
    }
}
