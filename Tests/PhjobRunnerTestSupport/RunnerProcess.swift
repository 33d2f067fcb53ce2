package import Glibc
package import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport

/// A runner in a process of its own.
package final class RunnerProcess: Sendable {
    package var pid: pid_t { process.pid }
    package let client: APIClient
    package let socketPath: String
    private let process: ReapedProcess

    /// The directory of the built programs, the tests' own among them.
    package static let programs: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }()

    /// - Parameters:
    ///   - state: its state directory; nil for the world's.
    ///   - environment: what it gets beside the world's own.
    ///   - servesEverybody: as root, at places that are root's alone.
    package init(
        _ world: World, state: String? = nil, socket: String = "socket", environment: [String: String] = [:],
        servesEverybody: Bool = false
    ) throws {
        socketPath = world.directory(socket)
        client = APIClient(socketPath: socketPath)
        let command = ProcessCommand(
            "\(Self.programs)/PhjobRunnerHost",
            [state ?? world.statePath, world.cataloguePath, socketPath] + (servesEverybody ? ["system"] : []),
            environment: world.environment.merging(environment) { $1 })
        process = try ReapedProcess(command, log: world.directory("runner.log"))
    }

    /// Starts one and waits until it answers.
    package static func start(
        _ world: World, state: String? = nil, socket: String = "socket", servesEverybody: Bool = false
    ) throws -> RunnerProcess {
        let runner = try RunnerProcess(world, state: state, socket: socket, servesEverybody: servesEverybody)
        try blockUntil("the runner answers") {
            if let code = runner.exitCode { throw Failure(description: "the runner has ended with \(code)") }
            return (try? runner.client.status().pid) == runner.pid
        }
        return runner
    }

    /// How it has ended; nil while it runs. 128 and more is a signal.
    package var exitCode: Int32? { process.exitCode }

    /// Sends a signal and waits for the end.
    @discardableResult
    package func end(_ signal: Int32 = SIGTERM) throws -> Int32 {
        process.signal(signal)
        return try process.waitForEnd("the runner has ended")
    }
}

/// Runs `body` in a world, and ends all the runners that it starts.
package func withRunnerProcess(
    _ options: WorldOptions = WorldOptions(),
    _ body: @escaping @Sendable (World, _ start: () throws -> RunnerProcess) throws -> Void
) async throws {
    try await withWorld(options) { world in
        var all: [RunnerProcess] = []
        defer { for runner in all { _ = try? runner.end(SIGKILL) } }
        try body(world) {
            let runner = try RunnerProcess.start(world)
            all.append(runner)
            return runner
        }
    }
}
