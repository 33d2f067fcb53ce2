package import PhjobCore
import PhjobSystem

/// NVIDIA's own tool, asked which GPUs there are and what is at work on them (nvidia-smi(1)).
package struct NvidiaSMI: Sendable {
    /// Why it gave no answer.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    package let executable: String
    private let environment: [String: String]
    /// Seconds that each call may take. Where no process keeps the driver loaded, it takes some to load it.
    private let timeout: Double

    /// Exit statuses that come with an answer: done, there is no GPU, and a damaged infoROM (nvidia-smi(1), "RETURN VALUE").
    private static let answers: [Int32] = [0, 6, 14]

    /// - Parameters:
    ///   - environment: the whole environment of the calls; the tool is looked for in its `PATH`.
    ///   - timeout: seconds that each call may take.
    /// - Returns: nil if it is not installed, as on a machine without NVIDIA's driver.
    package static func find(environment: [String: String], timeout: Double = 15) -> NvidiaSMI? {
        ExecutableLookup.find("nvidia-smi", path: environment["PATH"] ?? "").map {
            NvidiaSMI(executable: $0, environment: environment, timeout: timeout)
        }
    }

    /// Asks for the GPUs and for the processes on them. Blocks until both are answered.
    ///
    /// - Throws: ``Failure``.
    package func read() throws(Failure) -> GPUReading {
        let devices = try NvidiaSMIOutput.devices(ask("--query-gpu=index,uuid,name,memory.total"))
        guard !devices.isEmpty else { return GPUReading(devices: [], processes: []) }
        // Not for their names, which they choose themselves: one with a line feed in it would be a line of its own.
        let processes = try NvidiaSMIOutput.processes(ask("--query-compute-apps=gpu_uuid,pid"))
        return GPUReading(devices: devices, processes: processes)
    }

    private func ask(_ query: String) throws(Failure) -> String {
        let command = ProcessCommand(
            executable, [query, "--format=csv,noheader,nounits"], environment: environment)
        let result: ProcessResult
        do {
            result = try ChildProcess(command, timeout: timeout).run()
        } catch {
            throw Failure(description: "\(error)")
        }
        guard case .exited(let code) = result.status, Self.answers.contains(code) else {
            throw Failure(description: "nvidia-smi failed: \(Engine.words(result, of: "it"))")
        }
        guard !result.output.isCut else { throw Failure(description: "nvidia-smi printed more than can be right") }
        return result.output.text
    }
}
