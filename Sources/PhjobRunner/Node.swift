import PhjobCore
import PhjobSystem

/// What this node gives to jobs.
enum Node {
    /// What is found here, or what the catalogue says instead, less the reserve.
    ///
    /// - Parameter gpus: how many of them jobs may have.
    static func capacity(_ settings: Catalogue.NodeSettings, gpus: Int) -> ResourceAmount {
        let all = ResourceAmount(
            cpu: settings.cpu ?? CPUAmount(milli: Int64(Machine.processors) * 1000),
            memory: settings.memory ?? MemorySize(bytes: Machine.memory), gpus: gpus)
        return all - ResourceAmount(cpu: settings.reservedCPU, memory: settings.reservedMemory, gpus: 0)
    }

    /// Why no job may be started for want of disk space; nil if there is enough.
    ///
    /// A log disk that runs full loses lines of jobs that run, so new ones wait below 1 GiB and 5 % of it.
    static func spaceProblem(at path: String) -> String? {
        guard let (free, total) = try? Directory.space(at: path), free < 1 << 30, free < total / 20 else { return nil }
        return "the disk of \(path) has only \(MemorySize(bytes: free)) free; jobs wait until there is more"
    }
}
