import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobCore
@testable import PhjobEngine

/// Read-only datasets, where other file systems are mounted below them.
struct ReadOnlyMountsTests {
    private static func request(_ datasets: [JobSpec.Dataset]) throws -> ContainerRequest {
        var spec = SampleJob.spec()
        spec.datasets = datasets
        return try EngineSample.request(spec: spec)
    }

    private static func table(_ points: [String]) -> MountTable {
        let lines = points.enumerated().map { "\($0 + 2) 1 0:9 / \($1) rw - ext4 x rw" }
        return MountTable(parsing: (["1 0 0:1 / / rw - ext4 x rw"] + lines).joined(separator: "\n"))
    }

    /// `ro` holds for the mount that it is given with, not for those below it: both engines bind them along, writable.
    @Test(arguments: [EngineSample.podman, EngineSample.docker])
    func eachFileSystemBelowIsReadOnlyToo(_ facts: EngineFacts) throws {
        let dialect: any EngineDialect = facts.name == .podman ? PodmanDialect() : DockerDialect()
        var request = try Self.request([
            JobSpec.Dataset(name: "d", path: "/srv/data", writable: false),
            JobSpec.Dataset(name: "w", path: "/srv/out", writable: true),
        ])
        let before = request.mounts
        try request.coverMounts(below: Self.table(["/srv/data/imagenet", "/srv/out/more", "/srv/data2", "/project"])) {
            $0
        }
        #expect(
            request.mounts == before + [
                ContainerRequest.Mount("/srv/data/imagenet", at: "/datasets/d/imagenet", isReadOnly: true)
            ])
        let arguments = dialect.runArguments(request, facts: facts, limits: EngineSample.limits)
        #expect(
            arguments.contains(
                "--mount=type=bind,src=/srv/data/imagenet,dst=/datasets/d/imagenet,ro=true,bind-propagation=rprivate"))
    }

    /// The mounts are known by the paths that links lead to.
    @Test func datasetBehindALink() throws {
        var request = try Self.request([JobSpec.Dataset(name: "d", path: "/links/data", writable: false)])
        try request.coverMounts(below: Self.table(["/srv/data/a", "/links/data/b"])) {
            $0 == "/links/data" ? "/srv/data" : nil
        }
        #expect(request.mounts.last == ContainerRequest.Mount("/srv/data/a", at: "/datasets/d/a", isReadOnly: true))
        #expect(!request.mounts.contains { $0.source == "/links/data/b" })
    }

    /// What the engines cannot be told must not stay writable.
    @Test func aNameThatMountsCannotCarry() throws {
        var request = try Self.request([JobSpec.Dataset(name: "d", path: "/srv/data", writable: false)])
        let error = #expect(throws: PhjobError.self) {
            try request.coverMounts(below: Self.table(["/srv/data/a,b"])) { $0 }
        }
        #expect(error?.message.contains("below /srv/data cannot be made read-only") == true)
    }
}

/// Where the files of a running container are, by the mounts that the kernel shows of it.
struct ContainerDiskTests {
    private static let id = SampleJob.id(1)
    private static let volume = String(repeating: "0a", count: 32)

    private static func mounts(root: String) -> MountTable {
        MountTable(
            parsing: """
                160 105 0:68 / / rw,relatime - \(root)
                161 160 0:71 / /proc rw,nosuid - proc proc rw
                162 160 254:0 /var/lib/phjob/jobs/\(id)/home /home/jovyan rw,relatime - ext4 /dev/vda rw
                163 160 254:0 /@/var/lib/phjob/jobs/\(id)/tmp /var/tmp rw,relatime - ext4 /dev/vda rw
                164 160 254:0 /srv/lab /project/lab rw,relatime - ext4 /dev/vda rw
                165 160 254:0 /var/lib/docker/volumes/\(volume)/_data /cache rw,relatime - ext4 /dev/vda rw
                166 160 254:0 /srv/volumes/lab/_data /datasets/x rw,relatime - ext4 /dev/vda rw
                """)
    }

    @Test func whatIsTheJobsAndWhatIsShared() {
        let disk = ContainerDisk(
            Self.mounts(root: "overlay overlay rw,lowerdir=/l/A,upperdir=/o/abc/diff,workdir=/o/abc/work"), job: Self.id
        )
        #expect(disk.writableLayer == "/o/abc/diff")
        #expect(disk.volumes == ["/cache"])
        #expect(disk.shared == ["/proc", "/project/lab", "/datasets/x"])
    }

    @Test func aRootThatIsNoUnion() {
        #expect(ContainerDisk(Self.mounts(root: "btrfs /dev/vda rw"), job: Self.id).writableLayer == nil)
        #expect(
            ContainerDisk(MountTable(parsing: ""), job: Self.id)
                == ContainerDisk(MountTable(parsing: "x"), job: Self.id))
    }
}
