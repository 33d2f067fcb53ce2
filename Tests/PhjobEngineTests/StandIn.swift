import PhjobCore
import PhjobEngine
import PhjobSystem
import PhjobTestSupport

/// A shell script in the place of an engine's program. It notes what it is called with.
final class StandIn: Sendable {
    let directory: TemporaryDirectory
    let name: EngineName

    /// - Parameters:
    ///   - script: what it does when called; `$1` is the verb.
    ///   - info: what it answers to `info`; if it is empty, the script has to.
    init(
        _ script: String, as name: EngineName = .podman, info: String? = nil, in directory: TemporaryDirectory? = nil
    ) throws {
        self.directory = try directory ?? TemporaryDirectory()
        self.name = name
        let prologue = """
            #!/bin/sh
            PATH=/usr/bin:/bin
            { printf '%s\\037' "$@"; echo; } >> "$0.calls"
            [ "$1" = info ] && [ -s "$0.info" ] && exec cat "$0.info"

            """
        try self.directory.write(
            info ?? (name == .podman ? Recorded.podmanInfo : Recorded.dockerInfo), to: "\(name).info")
        try self.directory.write(prologue + script + "\n", to: "\(name).script")
        // Copied by another process: none of ours may hold a program open for writing when it is started (execve(2), ETXTBSY).
        try HostProcess.shell("cd \(self.directory.path) && cp \(name).script \(name) && chmod 755 \(name)")
    }

    var path: String { directory("\(name)") }

    /// The argument list of each call but those for `info`, in order.
    func calls() throws -> [[String]] {
        try directory.text("\(name).calls").split(separator: "\n").map { line in
            line.split(separator: "\u{1f}", omittingEmptySubsequences: false).dropLast().map(String.init)
        }.filter { $0.first != "info" }
    }

    func engine(callTimeout: Double = 20, limits: ProcessLimits = EngineSample.limits) async throws -> Engine {
        try await onThread { [self] in
            let dialect: any EngineDialect = name == .podman ? PodmanDialect() : DockerDialect()
            return try Engine(
                dialect: dialect, executable: path, environment: ["PATH": "/usr/bin:/bin"], limits: limits,
                callTimeout: callTimeout)
        }
    }

    /// Runs `body`, which may block, with the engine; the script is there until it has ended.
    func run<Value: Sendable>(
        callTimeout: Double = 20, _ body: @escaping @Sendable (Engine) throws -> Value
    ) async throws -> Value {
        let engine = try await engine(callTimeout: callTimeout)
        return try await onThread { [self] in
            try withExtendedLifetime(self) { try body(engine) }
        }
    }
}
