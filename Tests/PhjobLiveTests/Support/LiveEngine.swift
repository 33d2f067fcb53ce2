import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// A real container engine of this machine.
enum LiveEngine: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case podman
    case docker

    var testDescription: String { rawValue }

    /// The engines that the tests use: those of `PHJOB_TEST_ENGINES`, which must all answer if `PHJOB_TEST_REQUIRE_ENGINES`
    /// is 1; else those of them that answer.
    static let all = wanted.filter { isRequired || $0.answers }

    static let isRequired = Self.environment["PHJOB_TEST_REQUIRE_ENGINES"] == "1"

    static let wanted: [LiveEngine] = {
        let names = (Self.environment["PHJOB_TEST_ENGINES"] ?? "podman docker").split(separator: " ").map(String.init)
        return allCases.filter { names.contains($0.rawValue) }
    }()

    /// The image that jobs run in: busybox, with a shell and no bash.
    static let image = environment["PHJOB_TEST_IMAGE"] ?? "localhost/phjob/minimal:latest"

    /// Whether it can be reached; asked once.
    var answers: Bool { Self.answering.contains(self) }

    private static let answering = Set(wanted.filter { (try? $0.call("info", timeout: 60))?.status == 0 })

    static let environment = ProcessInfo.processInfo.environment

    /// What the engines' clients need of our environment.
    static let clientEnvironment = environment.filter {
        ["PATH", "HOME", "XDG_RUNTIME_DIR", "CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE", "DOCKER_HOST"].contains(
            $0.key)
    }

    /// Calls the engine's client.
    @discardableResult
    func call(_ arguments: String..., timeout: Double = 120) throws -> Output {
        try call(arguments, timeout: timeout)
    }

    @discardableResult
    func call(_ arguments: [String], timeout: Double = 120) throws -> Output {
        guard let executable = ExecutableLookup.find(rawValue, path: Self.environment["PATH"] ?? "/usr/bin:/bin") else {
            throw EngineFailure(description: "\(rawValue) is not installed")
        }
        let command = ProcessCommand(executable, arguments, environment: Self.clientEnvironment)
        return Output(try ChildProcess(command, timeout: timeout, captureLimit: 16 << 20).run())
    }
}

/// What a program printed, and how it ended.
struct Output: Sendable {
    /// 128+n for an end by signal n.
    let status: Int32
    let bytes: [UInt8]
    let errors: String

    init(_ result: ProcessResult) {
        switch result.status {
        case .exited(let code): status = code
        case .signalled(let signal): status = 128 + signal
        }
        bytes = result.output.bytes
        errors = result.errors.text
    }

    init(status: Int32, bytes: [UInt8], errors: String) {
        self.status = status
        self.bytes = bytes
        self.errors = errors
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var lines: [String] { text.split(separator: "\n").map(String.init) }
}

/// An engine's client does not do what a test needs of it.
struct EngineFailure: Error, CustomStringConvertible {
    let description: String
}
