import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobCore
@testable import PhjobEngine

struct EngineProbeTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Puts an engine that works into the directory, or one whose `info` is `failure`.
    private func install(_ name: EngineName, failure: String? = nil) throws {
        _ = try StandIn(failure ?? "exit 0", as: name, info: failure == nil ? nil : "", in: directory)
    }

    /// Looks for an engine in the directory alone.
    private func find(
        _ choice: Catalogue.EngineChoice, environment: [String: String] = [:], callTimeout: Double = 20
    ) async throws -> Result<Engine, EngineError> {
        let settings = Catalogue.EngineSettings(choice: choice, environment: ["PATH": directory.path])
        return try await onThread {
            do {
                return .success(try EngineProbe.find(settings, environment: environment, callTimeout: callTimeout))
            } catch let error as EngineError {
                return .failure(error)
            }
        }
    }

    private func failure(_ choice: Catalogue.EngineChoice, callTimeout: Double = 20) async throws -> String? {
        guard case .failure(let error) = try await find(choice, callTimeout: callTimeout) else { return nil }
        return error.description
    }

    private func wasAsked(_ name: EngineName) -> Bool { directory.status("\(name).calls") != nil }

    @Test(arguments: [
        (Catalogue.EngineChoice.auto, "podman and docker"), (.podman, "podman"), (.docker, "docker"),
    ])
    func noneInstalled(_ choice: Catalogue.EngineChoice, names: String) async throws {
        let found = try await find(choice)
        guard case .failure(.notInstalled(let words)) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(words == "\(names) not in \(directory.path); install podman or docker")
    }

    @Test func podmanComesFirst() async throws {
        try install(.podman)
        try install(.docker)
        let engine = try await find(.auto).get()
        #expect(engine.dialect.name == .podman && engine.executable == directory("podman"))
        #expect(engine.facts.version == "4.3.1")
        #expect(!wasAsked(.docker))
    }

    @Test func dockerIfPodmanDoesNotWork() async throws {
        try install(.podman, failure: "echo 'cannot set up namespace' >&2; exit 125")
        try install(.docker)
        #expect(try await find(.auto).get().dialect.name == .docker)
        #expect(wasAsked(.podman))
    }

    @Test func dockerIfThereIsNothingElse() async throws {
        try install(.docker)
        #expect(try await find(.auto).get().dialect.name == .docker)
    }

    @Test func theChoiceBinds() async throws {
        try install(.podman, failure: "echo broken >&2; exit 125")
        try install(.docker)
        #expect(try await find(.docker).get().dialect.name == .docker)
        #expect(
            try await failure(.podman)
                == "the container engine does not answer: podman: the container engine does not answer: broken")
    }

    @Test func bothAreBroken() async throws {
        try install(.podman, failure: "echo 'no namespace' >&2; exit 125")
        try install(.docker, failure: "echo '{}'")
        let words = try #require(try await failure(.auto))
        #expect(words.contains("podman: the container engine does not answer: no namespace; docker: "))
        #expect(words.hasSuffix("the docker daemon gave no version"))
    }

    @Test func oneIsBrokenAndTheOtherMissing() async throws {
        try install(.podman, failure: "echo nonsense")
        let words = try #require(try await failure(.auto))
        #expect(words.hasSuffix("printed no description of the host; docker: not installed"))
    }

    /// As the package podman-docker installs it.
    @Test func podmanUnderTheNameOfDocker() async throws {
        _ = try StandIn("exit 0", as: .docker, info: Recorded.podmanInfo, in: directory)
        let words = try #require(try await failure(.docker))
        #expect(words.hasPrefix("no container engine was found: docker: 'docker' is podman here"), "\(words)")
    }

    @Test(.timeLimit(.minutes(30))) func aClientThatHangsIsPassedOver() async throws {
        try install(.podman, failure: "exec /bin/sleep 3600")
        try install(.docker)
        #expect(try await find(.auto, callTimeout: 2).get().dialect.name == .docker)
    }

    @Test func whatCannotBeRunIsNoEngine() async throws {
        try directory.write("#!/bin/sh\n", to: "podman", mode: 0o600)
        mkdir(directory("docker"), 0o755)
        guard case .failure(.notInstalled) = try await find(.auto) else {
            Issue.record("something was found")
            return
        }
    }

    /// A client obeys its environment: it gets what it needs, and what the catalogue says.
    @Test func theClientsEnvironment() async throws {
        try install(.podman)
        let ours = [
            "PATH": "/ours", "HOME": "/home/ada", "LANG": "de_DE", "LD_PRELOAD": "/evil.so", "SECRET": "1",
            "CONTAINER_HOST": "tcp://elsewhere", "XDG_RUNTIME_DIR": "/run/user/1000", "CONTAINERS_CONF": "/a",
        ]
        let settings = Catalogue.EngineSettings(
            choice: .podman, environment: ["CONTAINERS_CONF": "/b", "PATH": directory.path])
        let engine = try await onThread { try EngineProbe.find(settings, environment: ours) }
        #expect(
            engine.environment == [
                "PATH": directory.path, "HOME": "/home/ada", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": "/run/user/1000",
                "CONTAINERS_CONF": "/b",
            ])
    }

    @Test func ourPathComesBeforeTheSystems() async throws {
        try install(.podman)
        let settings = Catalogue.EngineSettings(choice: .podman, environment: [:])
        let path = directory.path
        let engine = try await onThread { try EngineProbe.find(settings, environment: ["PATH": path]) }
        #expect(engine.executable == directory("podman"))
        #expect(engine.environment["PATH"]?.hasPrefix("\(path):/usr/local/sbin:") == true)
    }

    /// podman fails at calls that have nothing to do with it, if it is missing.
    @Test(arguments: [(true, "unset"), (false, "set")]) func aMissingDirectoryForTemporaryFiles(
        _ isMissing: Bool, _ seen: String
    ) async throws {
        _ = try StandIn("echo ${TMPDIR+set}; [ $TMPDIR ] || echo unset", as: .podman, in: directory)
        let path = isMissing ? directory("nonexistent") : directory.path
        let engine = try await find(.podman, environment: ["TMPDIR": path]).get()
        let result = try await onThread { try engine.call(["x"]) }
        #expect(result.output.text.split(separator: "\n").last == seen[...])
    }

    @Test func whatChoosesAnEngine() {
        let settings = Catalogue.EngineSettings(choice: .auto, environment: ["CONTAINERS_CONF": "/b"])
        let ours = ["CONTAINERS_CONF": "/a", "DOCKER_HOST": "tcp://x:1", "HOME": "/root"]
        #expect(EngineProbe.choice(of: ours, settings) == ["DOCKER_HOST": "tcp://x:1"])
    }
}
