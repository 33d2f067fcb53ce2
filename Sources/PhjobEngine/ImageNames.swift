import PhjobCore

/// What an engine calls one of its images.
struct ImageNames: Sendable, Equatable {
    /// 64 hexadecimal digits.
    var id: String
    /// `name:tag`; docker leaves out what stands for Docker Hub.
    var tags: [String]
    /// `name@digest`.
    var digests: [String]

    /// Whether a reference means this image. That an engine found it by the reference is no proof:
    /// podman looks for a digest under every name, and both take the beginning of an id for a name.
    func include(_ reference: ImageReference) -> Bool {
        if reference.digest != nil { return matchingDigest(reference) != nil }
        let known = Self.references(tags)
        if let name = reference.registryName {
            return known.contains { $0.dockerName == name && $0.selector == reference.selector }
        }
        // podman's aliases may lead to any name, so only an id is told from one.
        return !id.hasPrefix(reference.name) || known.contains { Self.isShort(reference, for: $0) }
    }

    /// The image's name in its registry, by which it can be had again; `nil` for one that was built here.
    func registryDigest(for reference: ImageReference) -> String? {
        // For an image that no registry knows podman makes up a digest under localhost; that says nothing to others.
        matchingDigest(reference) ?? digests.first { !$0.hasPrefix("localhost/") }
    }

    private func matchingDigest(_ reference: ImageReference) -> String? {
        guard let digest = reference.digest else { return nil }
        return digests.first { text in
            guard let known = try? ImageReference(parsing: text), known.digest == digest else { return false }
            return reference.registryName.map { $0 == known.dockerName } ?? Self.isShort(reference, for: known)
        }
    }

    /// Whether a reference without a registry can mean a known name: the same path in some registry.
    private static func isShort(_ reference: ImageReference, for known: ImageReference) -> Bool {
        guard reference.registryName == nil else { return false }
        return [reference.path, "library/\(reference.path)"].contains(known.path)
    }

    private static func references(_ texts: [String]) -> [ImageReference] {
        texts.compactMap { try? ImageReference(parsing: $0) }
    }
}
