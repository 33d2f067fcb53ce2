import PhjobSystem
import PhjobTestSupport
import Testing

/// What is mounted, by the text of proc_pid_mountinfo(5).
struct MountTableTests {
    private static func table(_ lines: [(id: Int, parent: Int, point: String, type: String)]) -> MountTable {
        let text = lines.map { "\($0.id) \($0.parent) 0:\($0.id) / \($0.point) rw,relatime shared:1 - \($0.type) x rw" }
        return MountTable(parsing: text.joined(separator: "\n"))
    }

    private static let plain = table([
        (27, 1, "/", "ext4"), (30, 27, "/srv", "xfs"), (31, 30, "/srv/data", "nfs4"),
        (32, 31, "/srv/data/a/deep", "tmpfs"),
        (33, 30, "/srv/data2", "nfs4"), (34, 31, "/srv/data/with\\040space", "tmpfs"), (35, 27, "/auto", "autofs"),
    ])

    @Test(arguments: [
        ("/srv/data", ["/srv/data/a/deep", "/srv/data/with space"]), ("/srv/data/a", ["/srv/data/a/deep"]),
        ("/srv", ["/srv/data", "/srv/data2", "/srv/data/a/deep", "/srv/data/with space"]),
        ("/srv/data/a/deep", []), ("/home", []), ("/srv/dat", []),
    ])
    func whatIsMountedBelow(_ path: String, _ points: [String]) {
        #expect(Self.plain.points(below: path) == points)
    }

    @Test func mountPoints() {
        #expect(Self.plain.isMountPoint("/srv/data") && Self.plain.isMountPoint("/"))
        #expect(!Self.plain.isMountPoint("/srv/data/a") && !Self.plain.isMountPoint("/srv/da"))
        // Nothing is mounted there yet.
        #expect(!Self.plain.isMountPoint("/auto"))
        #expect(Self.plain.mount(holding: "/srv/data/a/b")?.fileSystem == "nfs4")
        #expect(Self.plain.mount(holding: "/home/ana")?.point == "/")
    }

    /// What was mounted first lies under what was mounted over it, or over a directory above it.
    @Test func hiddenMountsDoNotCount() {
        let table = Self.table([
            (27, 1, "/", "ext4"), (30, 27, "/srv/data", "nfs4"), (31, 30, "/srv/data/old", "tmpfs"),
            (32, 30, "/srv/data", "ext4"), (33, 32, "/srv/data/new", "tmpfs"), (34, 33, "/srv/data/new", "xfs"),
            (35, 34, "/srv/data/new/top", "tmpfs"),
        ])
        #expect(table.points(below: "/srv/data") == ["/srv/data/new", "/srv/data/new/top"])
        #expect(table.points(below: "/srv") == ["/srv/data", "/srv/data/new", "/srv/data/new/top"])
        #expect(table.mount(holding: "/srv/data/new/x")?.fileSystem == "xfs")
        let covered = Self.table([(1, 0, "/", "ext4"), (2, 1, "/srv/a/b", "tmpfs"), (3, 1, "/srv/a", "tmpfs")])
        #expect(covered.points(below: "/srv") == ["/srv/a"])
        #expect(covered.points(below: "/srv/a") == [])
    }

    @Test func linesAreReadAsTheKernelWritesThem() throws {
        let table = MountTable(
            parsing: """
                160 105 0:68 / / ro,relatime master:4 shared:2 - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir=/o/ab\\040c/diff,workdir=/w
                166 160 254:0 /state/jobs/x/home /home/jo\\134van rw,relatime - ext4 /dev/vda rw
                not a line
                7 8 0:1 / /short rw
                """)
        #expect(table.mounts.map(\.id) == [160, 166])
        let root = try #require(table.mount(holding: "/"))
        #expect(root.isReadOnly && root.superOption("upperdir") == "/o/ab c/diff" && root.superOption("upper") == nil)
        #expect(table.mounts[1].point == "/home/jo\\van" && table.mounts[1].shown == "/state/jobs/x/home")
        #expect(!table.mounts[1].isReadOnly)
    }

    @Test func thisProcessHasMounts() throws {
        let table = try MountTable()
        #expect(table.isMountPoint("/proc") && table.points(below: "/").contains("/proc"))
        #expect(throws: SystemError.self) { try MountTable(of: 0x7fff_ffff) }
    }
}
