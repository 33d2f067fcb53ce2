import PhjobCore
import PhjobSystem

/// What a machine has, and how it is divided into instance types.
struct NodeSize: Sendable, Equatable {
    var processors: Int
    var memory: MemorySize
    var gpus: Int

    static var ofThisMachine: NodeSize {
        NodeSize(processors: Machine.processors, memory: MemorySize(bytes: Machine.memory), gpus: Machine.gpus)
    }

    /// One size of job.
    struct Share: Sendable, Equatable {
        var name: String
        /// As JSON: `2`, `0.5`.
        var cpus: String
        var memory: String
        var gpus: Int
    }

    private static let mebibyte: Int64 = 1 << 20

    /// What is left to everything that is no job: a sixteenth of the memory, at most 2 GiB.
    var reserve: MemorySize {
        MemorySize(bytes: min(memory.bytes / 16, 2 << 30) / Self.mebibyte * Self.mebibyte)
    }

    /// `cpu-1`, `cpu-2`, `cpu-4` … and `gpu-1`, `gpu-2` … up to the whole machine, each with its part of the memory.
    var shares: [Share] {
        let cpuShares = Self.steps(upTo: processors).map { count in
            Share(
                name: "cpu-\(count)", cpus: "\(count)", memory: memoryText(of: count, outOf: processors), gpus: 0)
        }
        let gpuShares = Self.steps(upTo: gpus).map { count in
            // In tenths of a CPU, so that as many jobs fit as there are GPUs.
            let tenths = max(1, processors * 10 * count / gpus)
            let cpus = tenths >= 10 ? "\(tenths / 10)" : "0.\(tenths)"
            return Share(name: "gpu-\(count)", cpus: cpus, memory: memoryText(of: count, outOf: gpus), gpus: count)
        }
        return cpuShares + gpuShares
    }

    /// 1, 2, 4 … and `count` itself; none for 0.
    private static func steps(upTo count: Int) -> [Int] {
        guard count > 0 else { return [] }
        return Array(sequence(first: 1) { $0 * 2 }.prefix { $0 < count }) + [count]
    }

    /// A part of what is left of the memory, rounded down to a handy amount.
    private func memoryText(of count: Int, outOf total: Int) -> String {
        let exact = (memory.bytes - reserve.bytes) / Self.mebibyte * Int64(count) / Int64(total)
        let step: Int64 = exact >= 2048 ? 512 : exact >= 256 ? 64 : 1
        // No engine starts a container with less than 6 MiB.
        let mebibytes = max(exact / step * step, 8)
        return mebibytes % 1024 == 0 ? "\(mebibytes / 1024)G" : "\(mebibytes)M"
    }
}
