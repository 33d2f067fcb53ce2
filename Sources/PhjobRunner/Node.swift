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

    /// Why no job may be started on a disk that is nearly full; `nil` if there is room.
    static func spaceProblem(at path: String) -> String? {
        guard let space = try? Directory.space(at: path) else { return nil }
        return spaceProblem(at: path, space: space, inodes: (try? Directory.inodes(at: path)) ?? nil)
    }

    /// A log disk that runs full loses lines of jobs that run, so new ones wait below 1 GiB and 5 % of it. A disk
    /// without inodes takes no file either, and each job and each container needs some.
    ///
    /// - Parameters:
    ///   - space: bytes free, and the disk's size.
    ///   - inodes: files that can still be made, and how many it can have; `nil` if their number is not bounded.
    static func spaceProblem(
        at path: String, space: (free: Int64, total: Int64), inodes: (free: Int64, total: Int64)?
    ) -> String? {
        if space.free < 1 << 30, space.free < space.total / 20 {
            return "the disk of \(path) has only \(MemorySize(bytes: space.free)) free; jobs wait until there is more"
        }
        if let inodes, inodes.free < 10_000, inodes.free < inodes.total / 20 {
            return "the disk of \(path) has only \(inodes.free) inodes free; jobs wait until files are removed there"
        }
        return nil
    }
}
