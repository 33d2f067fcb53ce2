import PhjobAPI
import PhjobCore

/// The small job by which `doctor` proves that jobs run.
enum TrialJob {
    /// What could be submitted in somebody's name, the best first. Not every image and type is every group's, so one that is refused
    /// says little as long as there is another.
    static func candidates(_ catalogue: CatalogueView, command: String, deadline: Int64) -> [JobSubmission] {
        let fitting = catalogue.instanceTypes.filter { $0.capacity > 0 }
        // The type that waits least.
        let types = fitting.filter { $0.gpuLimit == 0 }.sorted { $0.cpuLimit < $1.cpuLimit }
        let images = catalogue.images.filter(\.isDefault) + catalogue.images.filter { !$0.isDefault }
        let groups = catalogue.groups.filter(\.isDefault) + catalogue.groups.filter { !$0.isDefault }
        return groups.flatMap { group in
            images.flatMap { image in
                (types.isEmpty ? fitting : types).map { type in
                    JobSubmission(
                        displayName: "phjob doctor", groupName: group.name, instanceType: type.name, image: image.name,
                        command: command, activeDeadlineSeconds: deadline)
                }
            }
        }
    }
}
