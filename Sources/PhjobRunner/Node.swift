import PhjobCore
import PhjobSystem

/// What this node gives to jobs.
enum Node {
    /// What is found here, or what the catalogue says instead, less the reserve.
    static func capacity(_ settings: Catalogue.NodeSettings) -> NodeCapacity {
        let gpus = gpus(settings)
        let all = ResourceAmount(
            cpu: settings.cpu ?? CPUAmount(milli: Int64(Machine.processors) * 1000),
            memory: settings.memory ?? MemorySize(bytes: Machine.memory), gpus: gpus.count)
        let amount = all - ResourceAmount(cpu: settings.reservedCPU, memory: settings.reservedMemory, gpus: 0)
        return NodeCapacity(amount: amount, gpus: gpus)
    }

    /// The GPUs that jobs may get.
    private static func gpus(_ settings: Catalogue.NodeSettings) -> [GPU] {
        (0..<(settings.gpus ?? Machine.gpus)).map { GPU(index: $0) }
    }

    /// Why no job may be started for want of disk space; nil if there is enough.
    ///
    /// A log disk that runs full loses lines of jobs that run, so new ones wait below 1 GiB and 5 % of it.
    static func spaceProblem(at path: String) -> String? {
        guard let (free, total) = try? Directory.space(at: path), free < 1 << 30, free < total / 20 else { return nil }
        return "the disk of \(path) has only \(MemorySize(bytes: free)) free; jobs wait until there is more"
    }
}
