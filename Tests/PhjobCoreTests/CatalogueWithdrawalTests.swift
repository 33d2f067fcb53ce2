import Testing

@testable import PhjobCore

struct CatalogueWithdrawalTests {
    private static let capacity = ResourceAmount(
        cpu: CPUAmount(milli: 8000), memory: MemorySize(bytes: 32 << 30), gpus: 2)

    /// A catalogue that grants everything that the job has.
    private static func catalogue() throws -> Catalogue {
        var catalogue = try CatalogueReaderTests.catalogue()
        catalogue.limits.network = "lab-net"
        return catalogue
    }

    private static func spec(_ image: String = "torch", in catalogue: Catalogue) throws -> JobSpec {
        let submission = JobSubmission(
            groupName: "research", instanceType: "gpu-1", image: image, command: "true")
        return try catalogue.admit(submission, caller: Caller(user: Sample.user), capacity: capacity)
    }

    struct Change: CustomTestStringConvertible {
        let name: String
        /// What is said; nil if the job may begin.
        let words: String?
        let apply: @Sendable (inout Catalogue) throws -> Void
        var testDescription: String { name }

        init(_ name: String, says words: String?, _ apply: @escaping @Sendable (inout Catalogue) throws -> Void) {
            (self.name, self.words, self.apply) = (name, words, apply)
        }
    }

    static let changes = [
        Change("nothing", says: nil) { _ in },
        Change("the group is gone", says: "group 'research' is not in the catalogue any more") {
            $0.groups.removeFirst()
        },
        Change("another volume", says: "/srv/research is not the volume of group 'research' any more") {
            $0.groups[0].volume = "/srv/other"
        },
        Change("the same directories, written otherwise", says: nil) {
            $0.groups[0].volume = "/srv//research/"
            $0.datasets[0].path = "/srv/mnist/"
        },
        Change("a directory in the volume", says: "/srv/research is not the volume of group 'research' any more") {
            $0.groups[0].volume = "/srv/research/part"
        },
        Change("no volume", says: "/srv/research is not the volume of group 'research' any more") {
            $0.groups[0].volume = nil
        },
        Change("a dataset is gone", says: "the dataset 'secret' (/srv/secret) is not for group 'research' any more") {
            $0.datasets.remove(at: 1)
        },
        Change("a dataset for others", says: "the dataset 'secret' (/srv/secret) is not for group 'research' any more")
        {
            $0.datasets[1].audience = .groups(["teaching"])
        },
        Change("a dataset elsewhere", says: "the dataset 'mnist' (/srv/mnist) is not for group 'research' any more") {
            $0.datasets[0].path = "/srv/mnist-2"
        },
        Change("a dataset to be read only", says: "the dataset 'mnist' may not be written to any more") {
            $0.datasets[0].writable = false
        },
        Change("a dataset that may be written to", says: nil) { $0.datasets[1].writable = true },
        Change("a dataset more", says: nil) {
            $0.datasets.append(
                Catalogue.Dataset(name: "new", displayName: "new", path: "/n", writable: true, audience: .everybody))
        },
        Change("the image is gone", says: "the image 'torch' is not for group 'research' any more") {
            $0.images.remove(at: 1)
        },
        Change("the image for others", says: "the image 'torch' is not for group 'research' any more") {
            $0.images[1].audience = .groups(["teaching"])
        },
        Change("the image is gone, and allowed as any other", says: nil) {
            $0.images.remove(at: 1)
            $0.groups[0].allowedImages = [try ImagePattern(parsing: "registry.lab/*")]
        },
        Change(
            "the image is gone, and others are allowed", says: "the image 'torch' is not for group 'research' any more"
        ) {
            $0.images.remove(at: 1)
            $0.groups[0].allowedImages = [try ImagePattern(parsing: "other.lab/*")]
        },
        Change("the image has another reference", says: nil) {
            $0.images[1].urlForGpu = try ImageReference(parsing: "registry.lab/torch:gpu-2")
        },
        Change("the type is gone", says: "the instance type 'gpu-1' is not for group 'research' any more") {
            $0.instanceTypes.remove(at: 1)
        },
        Change("the type for others", says: "the instance type 'gpu-1' is not for group 'research' any more") {
            $0.instanceTypes[1].audience = .groups(["teaching"])
        },
        Change("the type has other amounts", says: nil) {
            $0.instanceTypes[1].cpuLimit = CPUAmount(milli: 1000)
            $0.instanceTypes[1].gpuLimit = 2
        },
        Change("other names", says: nil) {
            for index in $0.images.indices { $0.images[index].displayName = "new" }
            for index in $0.datasets.indices { $0.datasets[index].displayName = "new" }
            for index in $0.instanceTypes.indices { $0.instanceTypes[index].displayName = "new" }
            $0.groups[0].displayName = "new"
        },
        Change("no network", says: "jobs have no network any more, and this one was to have the network 'lab-net'") {
            $0.limits.network = "none"
        },
        Change("another network", says: nil) { $0.limits.network = "default" },
    ]

    @Test(arguments: changes) func whatIsWithdrawn(_ change: Change) throws {
        var catalogue = try Self.catalogue()
        let spec = try Self.spec(in: catalogue)
        #expect(!spec.datasets.isEmpty && spec.volume != nil)
        try change.apply(&catalogue)
        #expect(catalogue.whatIsWithdrawn(from: spec) == change.words)
    }

    @Test func anImageThatWasAllowedByItsReference() throws {
        var catalogue = try Self.catalogue()
        catalogue.groups[0].allowedImages = [.everything]
        let spec = try Self.spec("docker.io/pytorch/pytorch:2", in: catalogue)
        catalogue.groups[0].allowedImages = [try ImagePattern(parsing: "docker.io/pytorch/*")]
        #expect(catalogue.whatIsWithdrawn(from: spec) == nil)
        catalogue.groups[0].allowedImages = []
        #expect(
            catalogue.whatIsWithdrawn(from: spec)
                == "the image 'docker.io/pytorch/pytorch:2' is not for group 'research' any more")
    }

    /// What never was there is not missed: a group without a volume, a job without a network.
    @Test func aJobWithoutAnything() throws {
        var catalogue = try Self.catalogue()
        catalogue.limits.network = "none"
        catalogue.datasets = []
        catalogue.groups[0].volume = nil
        let spec = try Self.spec(in: catalogue)
        #expect(spec.volume == nil && spec.datasets.isEmpty && catalogue.whatIsWithdrawn(from: spec) == nil)
        #expect(try Self.catalogue().whatIsWithdrawn(from: spec) == nil)
    }
}
