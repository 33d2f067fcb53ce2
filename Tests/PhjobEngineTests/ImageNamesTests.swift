import PhjobCore
import Testing

@testable import PhjobEngine

struct ImageNamesTests {
    private static let id = "0f0f" + String(repeating: "ab", count: 30)
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)
    private static let other = "sha256:" + String(repeating: "0b", count: 32)

    private static let podman = ImageNames(
        id: id, tags: ["localhost/phjob/base:latest", "docker.io/library/debian:12"],
        digests: ["localhost/phjob/base@\(digest)", "docker.io/library/debian@\(digest)"])
    private static let docker = ImageNames(
        id: id, tags: ["localhost/phjob/base:latest", "debian:12", "pytorch/pytorch:2"], digests: ["debian@\(digest)"])

    @Test(arguments: [
        ("localhost/phjob/base", true), ("localhost/phjob/base:latest", true), ("localhost/phjob/base:1", false),
        ("docker.io/debian:12", true), ("index.docker.io/library/debian:12", true), ("docker.io/debian", false),
        ("quay.io/debian:12", false), ("debian:12", true), ("base", true),
        ("0f0f", false), ("0f0fab", false), ("0e", true),
        ("docker.io/debian@\(digest)", true), ("docker.io/debian:9@\(digest)", true),
        ("docker.io/debian@\(other)", false), ("docker.io/pytorch/x@\(digest)", false), ("x@\(digest)", false),
        ("debian@\(digest)", true), ("base@\(digest)", false), ("phjob/base@\(digest)", true),
    ])
    func ofPodman(_ reference: String, _ isIncluded: Bool) throws {
        #expect(Self.podman.include(try ImageReference(parsing: reference)) == isIncluded)
    }

    @Test(arguments: [
        ("localhost/phjob/base", true), ("debian:12", true), ("docker.io/library/debian:12", true),
        ("docker.io/pytorch/pytorch:2", true), ("pytorch/pytorch:2", true), ("0f0f", false),
        ("docker.io/debian@\(digest)", true), ("debian@\(digest)", true), ("pytorch/pytorch@\(digest)", false),
    ])
    func ofDocker(_ reference: String, _ isIncluded: Bool) throws {
        #expect(Self.docker.include(try ImageReference(parsing: reference)) == isIncluded)
    }

    /// A name may be all hexadecimal digits, and the beginning of its image's id by chance.
    @Test func aNameLikeAnID() throws {
        let names = ImageNames(id: Self.id, tags: ["docker.io/library/0f0f:latest"], digests: [])
        #expect(names.include(try ImageReference(parsing: "0f0f")))
    }

    @Test func theDigestThatIsRecorded() throws {
        let byTag = Self.podman.registryDigest(for: try ImageReference(parsing: "localhost/phjob/base"))
        #expect(byTag == "docker.io/library/debian@\(Self.digest)")
        let byDigest = Self.podman.registryDigest(
            for: try ImageReference(parsing: "localhost/phjob/base@\(Self.digest)"))
        #expect(byDigest == "localhost/phjob/base@\(Self.digest)")
    }
}
