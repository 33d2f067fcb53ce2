/// The very image that a reference stood for when the job was prepared.
package struct ResolvedImage: Sendable, Equatable, Codable {
    /// The engine's id: 64 hexadecimal digits.
    package var id: String
    /// `name@sha256:…` as its registry knows it; nil for an image that was built here.
    package var repoDigest: String?
    /// The engine that has it and runs the job, `podman` or `docker`; only that one can tell what became of the job.
    package var engine: String?
    /// Paths of its volumes below where jobs have mounts; `nil` if it has none there.
    package var volumes: [String]?
    /// The processors that it is for, by Go's name (`amd64`); `nil` if it does not say.
    package var architecture: String?

    package init(
        id: String, repoDigest: String? = nil, engine: String? = nil, volumes: [String]? = nil,
        architecture: String? = nil
    ) {
        self.id = id
        self.repoDigest = repoDigest
        self.engine = engine
        self.volumes = volumes
        self.architecture = architecture
    }
}
