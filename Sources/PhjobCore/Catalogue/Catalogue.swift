/// The administrator's file: who may run what, where, and within which limits.
package struct Catalogue: Sendable, Equatable {
    package var engine: EngineSettings
    package var node: NodeSettings
    package var groups: [Group]
    package var instanceTypes: [InstanceType]
    package var images: [Image]
    package var datasets: [Dataset]
    package var defaults: Defaults
    package var limits: Limits

    package struct EngineSettings: Sendable, Equatable {
        package var choice: EngineChoice
        /// Variables for the engine's command line, such as `CONTAINERS_CONF`.
        package var environment: [String: String]

        package init(choice: EngineChoice, environment: [String: String]) {
            self.choice = choice
            self.environment = environment
        }
    }

    /// Which engine runs the jobs.
    package enum EngineChoice: String, Sendable, CaseIterable {
        /// podman if it works, else docker.
        case auto
        case podman
        case docker
    }

    /// What the node gives to jobs. What is nil is found out from the machine.
    package struct NodeSettings: Sendable, Equatable {
        package var cpu: CPUAmount?
        package var memory: MemorySize?
        package var gpus: Int?
        /// What is left to everything that is not a job.
        package var reservedCPU: CPUAmount
        package var reservedMemory: MemorySize
        /// Programs of root's, without their paths, that may be on a GPU and leave it to jobs all the same.
        package var ignoredGPUProcesses: [String] = []
    }

    package struct Group: Sendable, Equatable {
        package var name: String
        package var displayName: String
        /// The Unix names of its members.
        package var users: [String]
        /// The Unix group whose members belong to it too, and whose gid its jobs get.
        package var unixGroup: String?
        package var volume: String?
        package var jobDefaultActiveDeadlineSeconds: Int64?
        /// Whether to cancel a job and to read its log is for the job's owner alone.
        package var ownerOnly = false
        /// Images that are in no catalogue and that its jobs may have all the same.
        package var allowedImages: [ImagePattern] = []
        package var quotas = GroupQuotas()
        /// Whether no job may start unless ``volume`` is a mount point.
        package var mustBeMounted = false
        /// `nil` for what is usual; see ``effectiveUmask``.
        package var umask: FileModeMask?

        /// The umask of its jobs: where they share a volume, members may change each other's files.
        package var effectiveUmask: FileModeMask { umask ?? (volume == nil ? .usual : .shared) }
    }

    /// For whom an entry is: everybody, or the members of some groups.
    package enum Audience: Sendable, Equatable {
        case everybody
        case groups([String])

        package func includes(group: String) -> Bool {
            switch self {
            case .everybody: true
            case .groups(let names): names.contains(group)
            }
        }
    }

    package struct InstanceType: Sendable, Equatable {
        package var name: String
        package var displayName: String
        package var description: String?
        package var cpuLimit: CPUAmount
        package var memoryLimit: MemorySize
        package var gpuLimit: Int
        package var audience: Audience

        package var demand: ResourceAmount { ResourceAmount(cpu: cpuLimit, memory: memoryLimit, gpus: gpuLimit) }
    }

    package struct Image: Sendable, Equatable {
        package var name: String
        package var displayName: String
        package var description: String?
        package var url: ImageReference
        /// Used instead of `url` with an instance type that has GPUs.
        package var urlForGpu: ImageReference?
        package var pullPolicy: PullPolicy
        package var audience: Audience
    }

    package struct Dataset: Sendable, Equatable {
        package var name: String
        package var displayName: String
        package var path: String
        package var writable: Bool
        /// Whether no job that would see it may start unless ``path`` is a mount point.
        package var mustBeMounted = false
        package var audience: Audience
    }

    /// What a submission gets that does not say otherwise.
    package struct Defaults: Sendable, Equatable {
        package var group: String?
        package var instanceType: String?
        package var image: String?
    }

    package struct Limits: Sendable, Equatable {
        package var defaultActiveDeadlineSeconds: Int64
        /// Whether a deadline of 0, which means none, is allowed.
        package var allowNoDeadline: Bool
        package var stopGraceSeconds: Int64
        package var logRetentionSeconds: Int64
        package var logMaxSize: MemorySize
        package var pidsLimit: Int
        package var network: String
        /// What a job may have on the disk beside its volume and datasets; nil for as much as there is room.
        package var scratchMaxSize: MemorySize?
        /// The proxies in jobs' environments; `nil` for none.
        package var proxy: ProxySettings?
        package var perUser = UserLimits()
        /// Jobs that may wait in all; nil for what is usual.
        package var waitingJobs: Int?
        /// Connections to the runner in all; nil for what is usual.
        package var connections: Int?
    }

    /// What one user may have, in all groups; what is nil is as usual.
    package struct UserLimits: Sendable, Equatable {
        package var waitingJobs: Int?
        package var submissionsPerMinute: Int?
        package var connections: Int?
        /// Logs that are followed, and waits, at a time.
        package var streams: Int?
    }
}

extension Catalogue {
    package func group(named name: String) -> Group? { groups.first { $0.name == name } }

    /// The bounds of those of its groups that have any, by their names.
    package var quotas: [String: GroupQuotas] {
        let bounded = groups.filter { $0.quotas != GroupQuotas() }
        return Dictionary(bounded.map { ($0.name, $0.quotas) }) { first, _ in first }
    }

    /// The datasets that the jobs of a group see: its own and everybody's.
    package func datasets(of group: String) -> [Dataset] {
        datasets.filter { $0.audience.includes(group: group) }
    }
}
