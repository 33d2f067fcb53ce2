package import PhjobCore

/// The catalogue as one user may use it.
package struct CatalogueView: Sendable, Equatable, Codable {
    package var groups: [Group]
    package var instanceTypes: [InstanceType]
    package var images: [Image]
    package var datasets: [Dataset]

    package struct Group: Sendable, Equatable, Codable {
        package var name: String
        package var displayName: String
        package var users: [String]
        /// The Unix group whose members belong to it too.
        package var unixGroup: String?
        package var volume: String?
        package var jobDefaultActiveDeadlineSeconds: Int64
        package var isDefault: Bool
    }

    package struct InstanceType: Sendable, Equatable, Codable {
        package var name: String
        package var displayName: String
        package var description: String?
        package var cpuLimit: CPUAmount
        package var memoryLimit: String
        package var memoryLimitBytes: Int64
        package var gpuLimit: Int
        /// How many more jobs of it fit now.
        package var free: Int
        /// How many fit when nothing runs; 0 if it can never run here.
        package var capacity: Int
        package var isDefault: Bool
    }

    package struct Image: Sendable, Equatable, Codable {
        package var name: String
        package var displayName: String
        package var description: String?
        package var url: String
        package var urlForGpu: String?
        package var pullPolicy: PullPolicy
        package var isDefault: Bool
    }

    package struct Dataset: Sendable, Equatable, Codable {
        package var name: String
        package var displayName: String
        package var path: String
        package var writable: Bool
        /// Those of the caller's groups whose jobs see it, of all groups for an administrator; nil for everybody's.
        package var groups: [String]?
    }

    /// The part of a catalogue that a user may use.
    ///
    /// - Parameters:
    ///   - free: what is not held by jobs now.
    ///   - capacity: what the node gives to jobs in all.
    package init(_ catalogue: Catalogue, caller: Caller, free: ResourceAmount, capacity: ResourceAmount) {
        let known = Access(caller, catalogue).groups
        let own = catalogue.groups(of: caller)
        let names = own.map(\.name)
        let isVisible = { (audience: Catalogue.Audience) in names.contains { audience.includes(group: $0) } }
        groups = own.map {
            Group(
                name: $0.name, displayName: $0.displayName, users: $0.users, unixGroup: $0.unixGroup, volume: $0.volume,
                jobDefaultActiveDeadlineSeconds: $0.jobDefaultActiveDeadlineSeconds
                    ?? catalogue.limits.defaultActiveDeadlineSeconds,
                isDefault: $0.name == catalogue.defaults.group)
        }
        instanceTypes = catalogue.instanceTypes.filter { isVisible($0.audience) }.map {
            InstanceType(
                name: $0.name, displayName: $0.displayName, description: $0.description, cpuLimit: $0.cpuLimit,
                memoryLimit: $0.memoryLimit.description, memoryLimitBytes: $0.memoryLimit.bytes, gpuLimit: $0.gpuLimit,
                free: $0.demand.count(in: free), capacity: $0.demand.count(in: capacity),
                isDefault: $0.name == catalogue.defaults.instanceType)
        }
        images = catalogue.images.filter { isVisible($0.audience) }.map {
            Image(
                name: $0.name, displayName: $0.displayName, description: $0.description, url: $0.url.text,
                urlForGpu: $0.urlForGpu?.text, pullPolicy: $0.pullPolicy, isDefault: $0.name == catalogue.defaults.image
            )
        }
        datasets = catalogue.datasets.filter { isVisible($0.audience) }.map {
            var groups: [String]?
            if case .groups(let names) = $0.audience { groups = names.filter(known.contains) }
            return Dataset(
                name: $0.name, displayName: $0.displayName, path: $0.path, writable: $0.writable, groups: groups)
        }
    }
}
