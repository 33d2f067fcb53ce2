import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobEngine

struct EngineLaunchTests {
    private static let name = "phjob-job-202611210727-000000"

    private func launch(_ standIn: StandIn) async throws -> String {
        let request = try EngineSample.request(gpus: [0])
        return try await standIn.run { try $0.launch(request) }
    }

    private func failure(_ script: String) async throws -> EngineError? {
        let standIn = try StandIn(script)
        return await #expect(throws: EngineError.self) { try await launch(standIn) }
    }

    @Test(arguments: EngineName.allCases)
    func success(_ engine: EngineName) async throws {
        let standIn = try StandIn("echo WARNING: something; echo \(EngineSample.containerID)", as: engine)
        #expect(try await launch(standIn) == EngineSample.containerID)
        let command = try await standIn.engine().launchCommand(EngineSample.request(gpus: [0]))
        #expect(try standIn.calls() == [command.arguments])
        #expect(command.executable == standIn.path && command.environment == ["PATH": "/usr/bin:/bin"])
    }

    @Test(arguments: [
        (125, "no such mount", "no such mount"), (126, "not executable", "not executable"),
        (
            127, "/bin/sh: not found",
            "the image has no /bin/sh, which phjob needs to run a command: /bin/sh: not found"
        ),
        (
            127, "exec /run/phjob/start: no such file",
            "the image has no /bin/sh, which phjob needs to run a command: exec /run/phjob/start: no such file"
        ), (127, "crun: hook not found", "crun: hook not found"),
        (1, "\u{1b}[2J", "\\x1b[2J"),
    ])
    func refusal(_ code: Int, words: String, message: String) async throws {
        let error = try await failure("case $1 in run) echo '\(words)' >&2; exit \(code);; esac")
        #expect(error == .refused(message))
    }

    @Test func refusalWithoutWords() async throws {
        let error = try await failure("[ $1 = run ] && exit 125; exit 0")
        #expect(error == .refused("the engine ended with exited(125) and no message"))
    }

    /// Proxies are for pulls: some clients hand their own to containers.
    @Test(arguments: EngineName.allCases)
    func noProxyReachesTheClientThatLaunches(_ engine: EngineName) async throws {
        let standIn = try StandIn("echo \(EngineSample.containerID)", as: engine)
        let secret = Dictionary(uniqueKeysWithValues: ProxySettings.variables.map { ($0, "http://u:s@h:1") })
        let found = try await standIn.engine()
        let withProxies = try Engine(
            dialect: found.dialect, executable: found.executable, environment: secret.merging(found.environment) { $1 })
        #expect(try withProxies.launchCommand(EngineSample.request()).environment == found.environment)
        #expect(withProxies.environment["https_proxy"] == "http://u:s@h:1")
    }

    /// A start that failed leaves a container behind that never ran.
    @Test func refusalThatLeavesAContainer() async throws {
        let error = try await failure(
            """
            case $1 in
            run) echo 'no such program' >&2; exit 126;;
            ps) echo \(Self.name);;
            container) cat <<'END'
            \(Recorded.podmanStartFailed)
            END
            esac
            """)
        #expect(error == .refused("no such program"))
    }

    /// A client whose daemon went away in the middle ends like one that was refused, but the command runs.
    @Test(arguments: [Recorded.dockerRunning, Recorded.dockerExitedWithSeven])
    func aFailureThatIsNone(_ inspection: String) async throws {
        let error = try await failure(
            """
            case $1 in
            run) echo 'unexpected EOF' >&2; exit 125;;
            ps) echo \(Self.name);;
            container) cat <<'END'
            \(inspection)
            END
            esac
            """)
        #expect(error == .unreachable("unexpected EOF"))
    }

    @Test func anEngineThatWentAwayHasRefusedNothing() async throws {
        let error = try await failure("echo \"$1: no daemon\" >&2; exit 125")
        #expect(error == .unreachable("ps: no daemon"))
    }

    @Test(arguments: [
        "", "deadbeef", String(repeating: "z", count: 64), String(repeating: "ab", count: 33), "\u{1b}[2J",
    ])
    func garbageForAnID(_ output: String) async throws {
        #expect(try await failure("echo '\(output)'") == .garbled("'run' printed no container id"))
    }

    @Test func aClientThatWasKilled() async throws {
        #expect(try await failure("kill -KILL $$") == .unreachable("its client was killed during a launch"))
    }

    @Test func aProgramThatIsGone() async throws {
        let standIn = try StandIn("exit 0")
        let request = try EngineSample.request()
        let path = standIn.path
        let error = await #expect(throws: EngineError.self) {
            try await standIn.run { engine in
                try HostProcess.shell("rm \(path)")
                return try engine.launch(request)
            }
        }
        guard case .notInstalled(let words) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(words.hasPrefix("\(path): no such "))
    }

    /// Environment values and the command's text reach neither the arguments nor the client's environment.
    @Test func secretsStayOut() async throws {
        let standIn = try StandIn("/usr/bin/env > \"$0.environment\"; echo \(EngineSample.containerID)")
        var spec = SampleJob.spec(command: "echo S3CR3T\n")
        spec.environment = ["PASSWORD": "S3CR3T"]
        let request = try EngineSample.request(spec: spec)
        _ = try await standIn.run { try $0.launch(request) }
        #expect(try !standIn.calls().joined().contains { $0.contains("S3CR3T") || $0.contains("PASSWORD") })
        let environment = try standIn.directory.text("podman.environment").split(separator: "\n")
        #expect(Set(environment.map { $0.prefix { $0 != "=" } }).isSubset(of: ["PATH", "PWD", "_", "OLDPWD", "SHLVL"]))
    }
}
