import PhjobEngine
import PhjobTestSupport
import Testing

@testable import phjob

struct GPUChecksTests {
    /// - Parameters:
    ///   - script: what `nvidia-smi` does; nil if there is none.
    ///   - devices: the names in podman's specification.
    private func findings(
        _ engine: EngineName = .podman, _ script: String? = "[ $1 = ${1#--query-gpu} ] || echo '0, GPU-a, T4, 1'",
        devices: [String] = [], hook: Bool = false, deviceFiles: Int = 0
    ) async throws -> [Finding] {
        let directory = try TemporaryDirectory()
        try directory.write("#!/bin/sh\n\(script ?? "")\n", to: "script")
        let programs = [script == nil ? nil : "nvidia-smi", hook ? "nvidia-container-runtime-hook" : nil]
        for name in programs.compactMap(\.self) {
            try HostProcess.shell("cd \(directory.path) && cp script \(name) && chmod 755 \(name)")
        }
        let list = devices.map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
        try directory.write(#"{"kind":"nvidia.com/gpu","devices":[\#(list)]}"#, to: "cdi.json")
        return try await onThread {
            GPUChecks(
                engine: engine, tool: NvidiaSMI.find(environment: ["PATH": directory.path]), deviceFiles: deviceFiles,
                specifications: CDISpecifications(directories: [directory.path]), path: directory.path
            ).findings()
        }
    }

    @Test func nothingToSeeWithoutGPUs() async throws {
        #expect(try await findings(.podman, nil).isEmpty)
        #expect(try await findings(.podman, "echo 'No devices were found'; exit 6").isEmpty)
    }

    @Test func gpusThatCanOnlyBeCounted() async throws {
        let found = try await findings(.podman, nil, deviceFiles: 2)
        #expect(found.map(\.state) == [.warning] && found[0].message.contains("no nvidia-smi"))
    }

    @Test func aToolThatFails() async throws {
        let found = try await findings(.podman, "echo 'Driver/library version mismatch'; exit 18")
        #expect(found.map(\.state) == [.failed] && found[0].message.contains("Driver/library version mismatch"))
    }

    @Test func podmanNeedsADeviceOfEachUUID() async throws {
        let right = try await findings(devices: ["0", "GPU-a"])
        #expect(right.map(\.state) == [.ok, .ok] && right[0].message == "nvidia-smi finds 0 (T4)")
        let byIndex = try await findings(devices: ["0", "all"])
        #expect(byIndex.map(\.state) == [.ok, .failed] && byIndex[1].message.contains("GPU-a"))
        #expect(byIndex[1].advice?.contains("nvidia-ctk cdi generate --device-name-strategy=uuid") == true)
    }

    @Test func dockerNeedsNVIDIAsHook() async throws {
        #expect(try await findings(.docker, hook: true).map(\.state) == [.ok, .ok])
        let without = try await findings(.docker)
        #expect(without.map(\.state) == [.ok, .failed] && without[1].message.contains("nvidia-container-runtime-hook"))
    }
}
