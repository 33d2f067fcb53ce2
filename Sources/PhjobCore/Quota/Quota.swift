/// How much may be had at a time, by a group or by each of its members; what is nil has no bound.
package struct Quota: Sendable, Equatable {
    package var cpu: CPUAmount?
    package var memory: MemorySize?
    package var gpus: Int?
    /// Jobs being prepared or running.
    package var runningJobs: Int?
    package var waitingJobs: Int?

    package init(
        cpu: CPUAmount? = nil, memory: MemorySize? = nil, gpus: Int? = nil, runningJobs: Int? = nil,
        waitingJobs: Int? = nil
    ) {
        self.cpu = cpu
        self.memory = memory
        self.gpus = gpus
        self.runningJobs = runningJobs
        self.waitingJobs = waitingJobs
    }

    /// What of it jobs hold.
    package struct Use: Sendable, Equatable {
        package var amount = ResourceAmount.zero
        package var runningJobs = 0

        package init() {}

        package mutating func add(_ demand: ResourceAmount) {
            amount = amount + demand
            runningJobs += 1
        }

        func adding(_ other: Use) -> Use {
            var sum = self
            sum.amount = amount + other.amount
            sum.runningJobs += other.runningJobs
            return sum
        }
    }

    /// Why a job can never have so much, in words such as `needs 2 GPUs of at most 1`; nil if it can.
    package func neverAllows(_ demand: ResourceAmount) -> String? {
        var parts: [String] = []
        if let gpus, demand.gpus > gpus { parts.append("\(Self.gpus(demand.gpus)) of at most \(gpus)") }
        if let cpu, demand.cpu > cpu { parts.append("\(Self.cpus(demand.cpu)) of at most \(cpu)") }
        if let memory, demand.memory > memory { parts.append("\(demand.memory) of memory of at most \(memory)") }
        if runningJobs == 0 { parts.append("to run, and no job may") }
        return parts.isEmpty ? nil : "needs " + parts.joined(separator: " and ")
    }

    /// Whether a job can have so much beside what is used.
    package func allows(_ demand: ResourceAmount, beside use: Use) -> Bool {
        if let gpus, demand.gpus > 0, use.amount.gpus + demand.gpus > gpus { return false }
        if let cpu, use.amount.cpu.milli + demand.cpu.milli > cpu.milli { return false }
        if let memory, use.amount.memory.bytes + demand.memory.bytes > memory.bytes { return false }
        if let runningJobs, use.runningJobs >= runningJobs { return false }
        return true
    }

    /// Whether some, but not enough, of what a job asks for is left beside what is used.
    func hasPart(of demand: ResourceAmount, beside use: Use) -> Bool {
        let sum = use.amount + demand
        if let gpus, sum.gpus > gpus, use.amount.gpus < gpus { return true }
        if let cpu, sum.cpu > cpu, use.amount.cpu < cpu { return true }
        if let memory, sum.memory > memory, use.amount.memory < memory { return true }
        return false
    }

    /// Why a job cannot have so much now, in words such as `1 GPU; 2 of 2 in use`; nil if it can.
    package func delays(_ demand: ResourceAmount, beside use: Use) -> String? {
        var parts: [String] = []
        let sum = use.amount + demand
        if let gpus, demand.gpus > 0, sum.gpus > gpus {
            parts.append("\(Self.gpus(demand.gpus)); \(use.amount.gpus) of \(gpus) in use")
        }
        if let cpu, sum.cpu > cpu { parts.append("\(Self.cpus(demand.cpu)); \(use.amount.cpu) of \(cpu) in use") }
        if let memory, sum.memory > memory {
            parts.append("\(demand.memory) of memory; \(use.amount.memory) of \(memory) in use")
        }
        if let runningJobs, use.runningJobs >= runningJobs {
            parts.append("a running job to end; \(use.runningJobs) of \(runningJobs) run")
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", and ")
    }

    private static func gpus(_ count: Int) -> String { count == 1 ? "1 GPU" : "\(count) GPUs" }
    private static func cpus(_ amount: CPUAmount) -> String { amount.milli == 1000 ? "1 CPU" : "\(amount) CPUs" }
}
