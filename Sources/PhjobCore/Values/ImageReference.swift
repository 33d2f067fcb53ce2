/// A reference to an image in a registry, such as `docker.io/library/debian:12`, or to a local image of such a name.
///
/// The grammar is that of the distribution project's `reference` package (github.com/distribution/reference,
/// `regexp.go`). Forms that name anything else are refused: podman's transports (`dir:tmp` would read files of this
/// machine), and ids.
package struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    package let text: String
    /// The registry's host, with its port; `nil` if the reference leaves the registry to the engine.
    package let domain: String?
    /// The repository's name within the registry, such as `library/debian`.
    package let path: String
    package let tag: String?
    /// `sha256:` and 64 hexadecimal digits.
    package let digest: String?

    /// The bound of a repository's whole name, in bytes (`RepositoryNameTotalLengthMax`).
    private static let nameLimit = 255

    /// - Throws: ``InvalidValue`` that says what rules the text out.
    package init(parsing text: String) throws(InvalidValue) {
        guard !text.isEmpty else { throw InvalidValue("the image reference is empty") }
        let shown = TerminalText.quoted(text)
        guard !text.hasPrefix("-") else {
            throw InvalidValue("the image reference '\(shown)' begins with '-', as only an option would")
        }
        if let problem = Self.otherForm(text, shown) { throw InvalidValue(problem) }
        let shape = InvalidValue("'\(shown)' is not an image reference; write it as name[:tag][@digest]")
        var rest = text[...]
        var digest: Substring?
        if let at = rest.firstIndex(of: "@") {
            digest = rest[rest.index(after: at)...]
            rest = rest[..<at]
        }
        var tag: Substring?
        let lastSlash = rest.lastIndex(of: "/").map(rest.index(after:)) ?? rest.startIndex
        if let colon = rest[lastSlash...].firstIndex(of: ":") {
            tag = rest[rest.index(after: colon)...]
            rest = rest[..<colon]
        }
        guard rest.utf8.count <= Self.nameLimit else {
            throw InvalidValue("the image's name '\(shown)' is longer than \(Self.nameLimit) bytes")
        }
        guard digest.map(ReferenceGrammar.isDigest) ?? true, tag.map(ReferenceGrammar.isTag) ?? true else {
            throw shape
        }
        var path = rest
        var domain: Substring?
        if let slash = rest.firstIndex(of: "/"), ReferenceGrammar.standsForDomain(rest[..<slash]) {
            domain = rest[..<slash]
            path = rest[rest.index(after: slash)...]
        }
        guard domain.map(ReferenceGrammar.isDomain) ?? true,
            path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(ReferenceGrammar.isPathComponent)
        else { throw shape }
        self.text = text
        self.domain = domain.map(String.init)
        self.path = String(path)
        self.tag = tag.map(String.init)
        self.digest = digest.map(String.init)
    }

    /// What a text is that an engine would take for something other than a registry's reference; `nil` if it is none of
    /// that.
    private static func otherForm(_ text: String, _ shown: String) -> String? {
        if text.hasPrefix("docker://") {
            return "'\(shown)' is not an image reference: write it without 'docker://'"
        }
        let beginning = text.prefix { $0 != ":" }
        if beginning.endIndex != text.endIndex, ReferenceGrammar.transports.contains(String(beginning)) {
            return
                "'\(shown)' begins with podman's transport '\(beginning):', and jobs take images from registries only; "
                + "write a name of that kind with its registry, as docker.io/library/\(beginning):latest"
        }
        let isID = ReferenceGrammar.isDigest(text[...]) || ReferenceGrammar.isDigest("sha256:\(text)")
        if isID || beginning == "sha256" {
            return "'\(shown)' is an image's id; write its name, as 'podman images' or 'docker images' shows it"
        }
        return nil
    }

    /// The reference without its tag and digest, as it is written.
    package var name: String { domain.map { "\($0)/\(path)" } ?? path }

    /// The name that both engines make of a reference with a registry: `docker.io/debian` is
    /// `docker.io/library/debian`.
    ///
    /// `nil` without a registry: docker means Docker Hub, podman asks its `registries.conf`
    /// (containers-registries.conf(5)).
    package var registryName: String? { domain.map { Self.registryName(domain: $0, path: path) } }

    /// The name that docker makes of it: without a registry Docker Hub is meant.
    package var dockerName: String { Self.registryName(domain: domain ?? "docker.io", path: path) }

    private static func registryName(domain: String, path: String) -> String {
        guard ["docker.io", "index.docker.io"].contains(domain) else { return "\(domain)/\(path)" }
        return path.contains("/") ? "docker.io/\(path)" : "docker.io/library/\(path)"
    }

    /// What selects the image within its repository: the digest, which overrides a tag; else the tag, by default
    /// `latest`.
    package var selector: String { digest.map { "@\($0)" } ?? ":\(tag ?? "latest")" }

    /// Stands in for a reference that could not be read, in a catalogue that is refused anyway.
    static let placeholder = ImageReference(unchecked: "invalid")

    private init(unchecked text: String) {
        self.text = text
        path = text
        domain = nil
        tag = nil
        digest = nil
    }

    package var description: String { text }
}
