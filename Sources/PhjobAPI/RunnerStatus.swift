package import PhjobCore

/// What the runner says about itself.
package struct RunnerStatus: Sendable, Equatable, Codable {
    package var version: String
    package var pid: Int32
    package var startTime: Timestamp
    package var stateDirectory: String
    package var catalogue: String
    /// What is wrong with the catalogue as it is on disk; the one before it is then in force.
    package var catalogueProblems: [String]
    package var engine: Engine?
    /// Variables that the runner was started with and that decide which engine it uses; `nil` for a system runner.
    package var engineEnvironment: [String: String]?
    /// Why there is no engine.
    package var engineProblem: String?
    /// Why no job is started now.
    package var startsHeldBecause: String?
    /// `personal` or `system`.
    package var mode: String?
    /// That an administrator lets no job be started.
    package var drain: Drain?
    package var capacity: Amount
    package var free: Amount
    package var jobs: [String: Int]
    /// Why nothing is known of the GPUs, so that none is given out.
    package var gpuProblem: String?
    /// Why something of jobs that have ended cannot be removed, `<id>: <cause>`; it is tried again. `nil` if there is nothing.
    package var cleanUpProblems: [String]?
    /// Records that could not be read and were set aside.
    package var quarantined: [String]

    package struct Engine: Sendable, Equatable, Codable {
        package var name: String
        package var version: String
        package var isRootless: Bool
        package var cgroupVersion: Int?
        package var unenforcedLimits: [String]

        package init(name: String, version: String, isRootless: Bool, cgroupVersion: Int?, unenforcedLimits: [String]) {
            self.name = name
            self.version = version
            self.isRootless = isRootless
            self.cgroupVersion = cgroupVersion
            self.unenforcedLimits = unenforcedLimits
        }
    }

    package struct Amount: Sendable, Equatable, Codable {
        package var cpus: CPUAmount
        package var memoryBytes: Int64
        package var gpus: Int

        package init(_ amount: ResourceAmount) {
            cpus = amount.cpu
            memoryBytes = amount.memory.bytes
            gpus = amount.gpus
        }

        private enum CodingKeys: String, CodingKey { case cpus, memoryBytes, gpus }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            // A node may have nothing free, which no instance type's limit may be.
            cpus = CPUAmount(milli: Int64((try container.decode(Double.self, forKey: .cpus) * 1000).rounded()))
            memoryBytes = try container.decode(Int64.self, forKey: .memoryBytes)
            gpus = try container.decode(Int.self, forKey: .gpus)
        }
    }

    package init(
        version: String, pid: Int32, startTime: Timestamp, stateDirectory: String, catalogue: String,
        catalogueProblems: [String], engine: Engine?, engineProblem: String?, startsHeldBecause: String?,
        mode: String? = nil, drain: Drain? = nil, capacity: Amount,
        free: Amount, jobs: [String: Int], quarantined: [String]
    ) {
        self.version = version
        self.pid = pid
        self.startTime = startTime
        self.stateDirectory = stateDirectory
        self.catalogue = catalogue
        self.catalogueProblems = catalogueProblems
        self.engine = engine
        self.engineProblem = engineProblem
        self.startsHeldBecause = startsHeldBecause
        self.mode = mode
        self.drain = drain
        self.capacity = capacity
        self.free = free
        self.jobs = jobs
        self.quarantined = quarantined
    }
}
