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
    }

    package struct Group: Sendable, Equatable {
        package var name: String
        package var displayName: String
        /// The Unix names of its members.
        package var users: [String]
        package var volume: String?
        package var jobDefaultActiveDeadlineSeconds: Int64?
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
    }
}

extension Catalogue {
    package func group(named name: String) -> Group? { groups.first { $0.name == name } }

    /// The groups that a user belongs to, in the catalogue's order.
    package func groups(of userName: String) -> [Group] {
        groups.filter { $0.users.contains(userName) }
    }

    /// The datasets that the jobs of a group see: its own and everybody's.
    package func datasets(of group: String) -> [Dataset] {
        datasets.filter { $0.audience.includes(group: group) }
    }
}
