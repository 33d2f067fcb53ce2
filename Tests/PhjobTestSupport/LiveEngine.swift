import Foundation
package import PhjobSystem

/// A real container engine of this machine.
package enum LiveEngine: String, Sendable, CaseIterable {
    case podman
    case docker

    /// The engines that the tests use: those of `PHJOB_TEST_ENGINES`, which must all answer if `PHJOB_TEST_REQUIRE_ENGINES`
    /// is 1; else those of them that answer.
    package static let all = wanted.filter { isRequired || $0.answers }

    package static let isRequired = Self.environment["PHJOB_TEST_REQUIRE_ENGINES"] == "1"

    package static let wanted: [LiveEngine] = {
        let names = (Self.environment["PHJOB_TEST_ENGINES"] ?? "podman docker").split(separator: " ").map(String.init)
        return allCases.filter { names.contains($0.rawValue) }
    }()

    /// The image that jobs run in: busybox, with a shell and no bash.
    package static let image = environment["PHJOB_TEST_IMAGE"] ?? "localhost/phjob/minimal:latest"

    /// Whether it can be reached; asked once.
    package var answers: Bool { Self.answering.contains(self) }

    private static let answering = Set(wanted.filter { (try? $0.call("info", timeout: patience))?.status == 0 })

    package static let environment = ProcessInfo.processInfo.environment

    /// What the engines' clients need of our environment.
    package static let clientEnvironment = environment.filter {
        ["PATH", "HOME", "XDG_RUNTIME_DIR", "CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE", "DOCKER_HOST"].contains(
            $0.key)
    }

    /// Calls the engine's client.
    @discardableResult
    package func call(_ arguments: String..., timeout: Double = patience) throws -> Output {
        try call(arguments, timeout: timeout)
    }

    @discardableResult
    package func call(
        _ arguments: [String], timeout: Double = patience, environment: [String: String] = Self.clientEnvironment
    ) throws -> Output {
        guard let executable = ExecutableLookup.find(rawValue, path: Self.environment["PATH"] ?? "/usr/bin:/bin") else {
            throw EngineFailure(description: "\(rawValue) is not installed")
        }
        let command = ProcessCommand(executable, arguments, environment: environment)
        return Output(try ChildProcess(command, timeout: timeout, captureLimit: 16 << 20).run())
    }
}

/// What a program printed, and how it ended.
package struct Output: Sendable {
    /// 128+n for an end by signal n.
    package let status: Int32
    package let bytes: [UInt8]
    package let errors: String

    package init(_ result: ProcessResult) {
        switch result.status {
        case .exited(let code): status = code
        case .signalled(let signal): status = 128 + signal
        }
        bytes = result.output.bytes
        errors = result.errors.text
    }

    package init(status: Int32, bytes: [UInt8], errors: String) {
        self.status = status
        self.bytes = bytes
        self.errors = errors
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }
    package var lines: [String] { text.split(separator: "\n").map(String.init) }
}

/// An engine's client does not do what a test needs of it.
package struct EngineFailure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}
