/// Amounts of what a node has to give: the vector in which jobs ask and capacity is counted.
package struct ResourceAmount: Sendable, Hashable {
    package var cpu: CPUAmount
    package var memory: MemorySize
    package var gpus: Int

    package init(cpu: CPUAmount, memory: MemorySize, gpus: Int) {
        self.cpu = cpu
        self.memory = memory
        self.gpus = gpus
    }

    package static let zero = ResourceAmount(cpu: CPUAmount(milli: 0), memory: MemorySize(bytes: 0), gpus: 0)

    package static func + (left: ResourceAmount, right: ResourceAmount) -> ResourceAmount {
        ResourceAmount(
            cpu: CPUAmount(milli: left.cpu.milli + right.cpu.milli),
            memory: MemorySize(bytes: left.memory.bytes + right.memory.bytes), gpus: left.gpus + right.gpus)
    }

    /// The difference, with nothing below zero.
    package static func - (left: ResourceAmount, right: ResourceAmount) -> ResourceAmount {
        ResourceAmount(
            cpu: CPUAmount(milli: max(0, left.cpu.milli - right.cpu.milli)),
            memory: MemorySize(bytes: max(0, left.memory.bytes - right.memory.bytes)),
            gpus: max(0, left.gpus - right.gpus))
    }

    package func fits(in other: ResourceAmount) -> Bool {
        cpu <= other.cpu && memory <= other.memory && gpus <= other.gpus
    }

    /// What this asks beyond `available`, in words: `1 GPU and 2.5 CPUs`. Empty if it fits.
    package func shortage(against available: ResourceAmount) -> String {
        var parts: [String] = []
        if gpus > available.gpus { parts.append(gpus == 1 ? "1 GPU" : "\(gpus) GPUs") }
        if cpu > available.cpu { parts.append(cpu.milli == 1000 ? "1 CPU" : "\(cpu) CPUs") }
        if memory > available.memory { parts.append("\(memory) of memory") }
        return parts.joined(separator: " and ")
    }
}

extension ResourceAmount {
    /// How many of this fit beside each other in `other`.
    package func count(in other: ResourceAmount) -> Int {
        var counts: [Int64] = []
        if cpu.milli > 0 { counts.append(other.cpu.milli / cpu.milli) }
        if memory.bytes > 0 { counts.append(other.memory.bytes / memory.bytes) }
        if gpus > 0 { counts.append(Int64(other.gpus / gpus)) }
        return Int(counts.min() ?? 0)
    }
}
