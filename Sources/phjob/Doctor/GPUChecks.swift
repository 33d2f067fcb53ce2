import PhjobCore
import PhjobEngine
import PhjobSystem

/// Looks at the GPUs, and at what the engine needs to give one to a job.
struct GPUChecks {
    let engine: EngineName
    /// Nil if it is not installed.
    let tool: NvidiaSMI?
    /// GPUs by their device files.
    let deviceFiles: Int
    /// The devices that podman knows.
    let specifications: CDISpecifications
    /// Where programs are looked for, as `PATH`.
    let path: String

    /// Those of a machine whose catalogue gives GPUs to jobs; nil if it gives none.
    init?(_ catalogue: Catalogue, engine: Engine) {
        guard catalogue.node.gpus != 0 else { return nil }
        self.init(
            engine: engine.facts.name, tool: NvidiaSMI.find(environment: engine.environment),
            deviceFiles: Machine.gpus, specifications: CDISpecifications(), path: engine.environment["PATH"] ?? "")
    }

    init(
        engine: EngineName, tool: NvidiaSMI?, deviceFiles: Int, specifications: CDISpecifications, path: String
    ) {
        self.engine = engine
        self.tool = tool
        self.deviceFiles = deviceFiles
        self.specifications = specifications
        self.path = path
    }

    func findings() -> [Finding] {
        guard let tool else {
            guard deviceFiles > 0 else { return [] }
            return [
                .warning(
                    "gpus", "there is no nvidia-smi: GPUs are given out by index, whoever else is on them",
                    advice: "install the tools of NVIDIA's driver")
            ]
        }
        do {
            let devices = try tool.read().devices
            guard !devices.isEmpty else { return [] }
            let words = devices.map { "\($0.gpu.index) (\($0.name))" }.joined(separator: ", ")
            return [.ok("gpus", "nvidia-smi finds \(words)"), access(to: devices.map(\.gpu))]
        } catch {
            return [
                .failed(
                    "gpus", "no GPU is given out: \(error)",
                    advice: "see that 'nvidia-smi' works; after an upgrade of the driver it may take a reboot")
            ]
        }
    }

    /// Whether the engine can give them to a container.
    private func access(to gpus: [GPU]) -> Finding {
        switch engine {
        case .podman:
            let missing = gpus.compactMap(\.uuid).filter { !specifications.gpuNames.contains($0) }
            guard !missing.isEmpty else { return .ok("gpu access", "podman has a CDI device for each") }
            // Older versions of the tool name devices by their index alone, unless they are told otherwise.
            return .failed(
                "gpu access", "podman has no CDI device named \(missing.joined(separator: ", "))",
                advice:
                    "run 'nvidia-ctk cdi generate --device-name-strategy=uuid --output=/etc/cdi/nvidia.yaml' as root")
        case .docker:
            // The daemon takes '--gpus' only if it finds this program (moby, daemon/nvidia_linux.go).
            guard ExecutableLookup.find("nvidia-container-runtime-hook", path: path) != nil else {
                return .failed(
                    "gpu access", "docker cannot give GPUs to containers: there is no nvidia-container-runtime-hook",
                    advice: "install nvidia-container-toolkit, and restart docker")
            }
            return .ok("gpu access", "docker finds NVIDIA's hook")
        }
    }
}
