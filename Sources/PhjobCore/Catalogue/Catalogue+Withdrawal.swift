extension Catalogue {
    /// What a job was granted at its submission that this catalogue does not grant to its group any more; nil if it may begin.
    ///
    /// It begins as it was resolved. What only became another is no withdrawal: names that are shown, amounts, the reference
    /// that an image's name stands for.
    ///
    /// - Returns: a sentence that names the thing.
    package func whatIsWithdrawn(from spec: JobSpec) -> String? {
        guard let group = group(named: spec.groupName) else {
            return "group '\(spec.groupName)' is not in the catalogue any more"
        }
        if let volume = spec.volume, group.volume.map({ HostPath.isSame($0, volume) }) != true {
            return "\(volume) is not the volume of group '\(group.name)' any more"
        }
        if let words = spec.datasets.lazy.compactMap({ whatIsWithdrawn(from: $0, group) }).first { return words }
        if !grants(spec.image, to: group) {
            return "the image '\(spec.image.name)' is not for group '\(group.name)' any more"
        }
        let type = instanceTypes.first { $0.name == spec.instanceType.name }
        guard let type, type.audience.includes(group: group.name) else {
            return "the instance type '\(spec.instanceType.name)' is not for group '\(group.name)' any more"
        }
        if limits.network == Self.noNetwork, spec.settings.network != Self.noNetwork {
            return "jobs have no network any more, and this one was to have the network '\(spec.settings.network)'"
        }
        return nil
    }

    private static let noNetwork = "none"

    private func whatIsWithdrawn(from dataset: JobSpec.Dataset, _ group: Group) -> String? {
        let now = datasets(of: group.name).first {
            $0.name == dataset.name && HostPath.isSame($0.path, dataset.path)
        }
        guard let now else {
            return "the dataset '\(dataset.name)' (\(dataset.path)) is not for group '\(group.name)' any more"
        }
        return dataset.writable && !now.writable
            ? "the dataset '\(dataset.name)' may not be written to any more" : nil
    }

    /// By its name, or as one that is in no catalogue.
    private func grants(_ image: JobSpec.Image, to group: Group) -> Bool {
        if images.contains(where: { $0.name == image.name && $0.audience.includes(group: group.name) }) { return true }
        guard let reference = try? ImageReference(parsing: image.reference) else { return false }
        return group.allowedImages.contains { $0.allows(reference) }
    }
}
