import PhjobCore
import PhjobTestSupport
import Testing

@testable import PhjobEngine

/// NVIDIA's tool, in whose place a script stands.
struct NvidiaSMITests {
    private static let uuid = "GPU-a008e90f-259e-df57-7988-63b6831fff68"
    private static let devices = "0, \(uuid), Tesla T4, 15360"

    /// - Parameters:
    ///   - gpus: a line of sh for the question which GPUs there are.
    ///   - processes: one for the question what is at work on them.
    private func read(
        gpus: String = "echo '\(devices)'", processes: String = "true", timeout: Double = patience
    ) async throws -> Result<GPUReading, NvidiaSMI.Failure> {
        let directory = try TemporaryDirectory()
        let script = """
            #!/bin/sh
            [ "$2" = --format=csv,noheader,nounits ] || exit 99
            case $1 in
            --query-gpu=index,uuid,name,memory.total) \(gpus) ;;
            --query-compute-apps=gpu_uuid,pid) \(processes) ;;
            *) exit 99 ;;
            esac

            """
        try directory.write(script, to: "script")
        try HostProcess.shell("cd \(directory.path) && cp script nvidia-smi && chmod 755 nvidia-smi")
        return try await onThread {
            let tool = try #require(
                NvidiaSMI.find(environment: ["PATH": "/none:\(directory.path):/usr/bin:/bin"], timeout: timeout))
            #expect(tool.executable == directory("nvidia-smi"))
            do {
                return .success(try tool.read())
            } catch let error as NvidiaSMI.Failure {
                return .failure(error)
            }
        }
    }

    private func failure(
        gpus: String = "echo '\(devices)'", processes: String = "true", timeout: Double = patience
    ) async throws -> String? {
        guard case .failure(let error) = try await read(gpus: gpus, processes: processes, timeout: timeout) else {
            return nil
        }
        return error.description
    }

    @Test func gpusAndTheProcessesOnThem() async throws {
        let reading = try await read(processes: "echo '\(Self.uuid), 42'").get()
        #expect(reading.devices.map(\.gpu) == [GPU(index: 0, uuid: Self.uuid)])
        #expect(reading.processes == [.init(uuid: Self.uuid, pid: 42)])
    }

    @Test func isNotEverywhere() {
        #expect(NvidiaSMI.find(environment: ["PATH": "/none"]) == nil)
        #expect(NvidiaSMI.find(environment: [:]) == nil)
    }

    /// Where there is no GPU the second question is a mistake to the tool.
    @Test func noGPU() async throws {
        let reading = try await read(gpus: "echo 'No devices were found'; exit 6", processes: "exit 2").get()
        #expect(reading == GPUReading(devices: [], processes: []))
    }

    @Test func damagedInfoROM() async throws {
        let script = "echo '\(Self.devices)'; echo 'WARNING: infoROM is corrupted at gpu 0000:00:1E.0'; exit 14"
        #expect(try await read(gpus: script).get().devices.count == 1)
    }

    @Test func failures() async throws {
        let mismatch = "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18"
        #expect(
            try await failure(gpus: mismatch)
                == "nvidia-smi failed: Failed to initialize NVML: Driver/library version mismatch")
        #expect(try await failure(gpus: "exit 1")?.hasPrefix("nvidia-smi failed: it ended with") == true)
        #expect(try await failure(processes: "echo lost >&2; exit 15") == "nvidia-smi failed: lost")
        #expect(try await failure(gpus: "kill -9 $$")?.hasPrefix("nvidia-smi failed") == true)
        #expect(try await failure(gpus: "echo surprise")?.contains("'surprise'") == true)
        #expect(
            try await failure(gpus: "while :; do echo '\(Self.devices)' || exit 0; done", timeout: 2) != nil)
    }

    @Test func hangsForEver() async throws {
        let words = try await failure(gpus: "exec sleep 3600", timeout: 0.2)
        #expect(words?.contains("nvidia-smi did not answer within 1 s") == true)
    }
}
