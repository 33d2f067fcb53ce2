import Glibc
import PhjobTestSupport
import Testing

@testable import PhjobSystem

/// What the kernel counted, in the files of both versions.
@Suite struct ControlGroupTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func group(
        _ listing: String, _ files: [String: String], of container: String = "job"
    ) throws -> ControlGroup {
        for (name, text) in files {
            let parents = name.split(separator: "/").dropLast().joined(separator: "/")
            if !parents.isEmpty { try Directory.create(directory(parents)) }
            try directory.write(text, to: name)
        }
        return ControlGroup(listing: listing, root: directory.path, container: container)
    }

    @Test func versionTwo() throws {
        let group = try group(
            "0::/machine/job 1\n",
            [
                "machine/job 1/memory.peak": "123456789\n", "machine/job 1/memory.max": "268435456\n",
                "machine/job 1/memory.events": "low 0\nhigh 0\nmax 5\noom 2\noom_kill 1\noom_group_kill 0\n",
                "machine/job 1/memory.stat": "anon 1000\nfile 5000\nkernel 9\nshmem 24\nfile_mapped 7\n",
                "machine/job 1/cpu.stat": "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n",
            ])
        #expect(group.peakMemory == 123_456_789)
        #expect(group.memoryWithoutCache == 1024)
        #expect(group.memoryLimit == 268_435_456)
        #expect(group.outOfMemoryKills == 1)
        #expect(group.cpuSeconds == 2.5)
    }

    @Test func versionOne() throws {
        let group = try group(
            "9:name=systemd:/\n4:memory:/job\n3:cpuset:/\n2:cpu,cpuacct:/job/1\n0::/unified\n",
            [
                "memory/job/memory.max_usage_in_bytes": "4096\n", "memory/job/memory.limit_in_bytes": "67108864\n",
                "memory/job/memory.stat": "cache 9\nrss 1\nshmem 2\ntotal_cache 99\ntotal_rss 1000\ntotal_shmem 50\n",
                "memory/job/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
                "cpu,cpuacct/job/cpuacct.usage": "1250000000\n",
                "unified/memory.peak": "1\n", "unified/cpu.stat": "usage_usec 1\n",
            ])
        #expect(group.peakMemory == 4096)
        #expect(group.memoryWithoutCache == 1050)
        #expect(group.memoryLimit == 67_108_864)
        #expect(group.outOfMemoryKills == 3)
        #expect(group.cpuSeconds == 1.25)
    }

    @Test func noLimit() throws {
        #expect(try group("0::/two\n", ["two/memory.max": "max\n"], of: "two").memoryLimit == nil)
        let largest = ["memory/one/memory.limit_in_bytes": "9223372036854771712\n"]
        #expect(try group("4:memory:/one\n", largest, of: "one").memoryLimit == nil)
    }

    @Test(arguments: ["", "0::/\n", "4:memory:/\n", "garbage\n", "1:2\n:::\n", "0::/missing\n"])
    func nothingThere(_ listing: String) throws {
        let group = try group(
            listing, ["memory.peak": "1\n", "cpu.stat": "usage_usec 1\n", "memory/memory.limit_in_bytes": "1\n"])
        #expect(group.peakMemory == nil)
        #expect(group.memoryLimit == nil)
        #expect(group.outOfMemoryKills == nil)
        #expect(group.cpuSeconds == nil)
    }

    @Test func damagedFiles() throws {
        let group = try group(
            "0::/x\n",
            [
                "x/memory.stat": "anon\n", "x/memory.peak": "lots\n", "x/memory.events": "oom_kill\noom_kill many\n",
                "x/cpu.stat": "\n\n",
            ], of: "x")
        #expect(group.peakMemory == nil)
        #expect(group.outOfMemoryKills == nil)
        #expect(group.cpuSeconds == nil)
    }

    /// Where limits are not kept a container is in the group of the session that started it, with all that runs there.
    @Test(arguments: [
        "0::/user.slice/session-3.scope\n", "4:memory:/user.slice\n2:cpuacct:/user.slice\n",
        "0::/docker/beefbeefbeef/init\n",
    ])
    func groupOfOthers(_ listing: String) throws {
        let files = ["memory.peak": "1\n", "cpu.stat": "usage_usec 1\n", "memory.events": "oom_kill 1\n"]
        var all: [String: String] = [:]
        for (name, text) in files {
            for group in ["user.slice/session-3.scope", "memory/user.slice", "docker/beefbeefbeef/init"] {
                all["\(group)/\(name)"] = text
            }
        }
        let group = try group(listing, all, of: "cafecafecafe")
        #expect(group.peakMemory == nil && group.memoryWithoutCache == nil && group.outOfMemoryKills == nil)
        #expect(group.cpuSeconds == nil && group.memoryLimit == nil)
        #expect(OutOfMemoryWatch(group) == nil)
    }

    @Test(
        arguments: [
            ("/libpod_parent/libpod-cafe", "/libpod_parent/libpod-cafe"), ("/docker/cafe", "/docker/cafe"),
            ("/system.slice/docker-cafe.scope", "/system.slice/docker-cafe.scope"),
            // podman with crun and systemd has a group below its scope, which has the limits.
            ("/machine.slice/libpod-cafe.scope/container", "/machine.slice/libpod-cafe.scope"),
            ("/docker/beef/docker/cafe/x/y", "/docker/beef/docker/cafe"), ("/docker/beef", nil), ("/", nil), ("", nil),
        ] as [(String, String?)])
    func ownGroup(_ path: String, _ own: String?) {
        #expect(ControlGroup.ownPath(in: path[...], of: "cafe") == own)
        #expect(ControlGroup.ownPath(in: path[...], of: "") == nil)
    }

    @Test func ownProcess() {
        #expect(ControlGroup(of: getpid(), container: "cafe")?.memoryDirectory == nil)
        #expect(ControlGroup(of: pid_t.max, container: "cafe") == nil)
    }
}
