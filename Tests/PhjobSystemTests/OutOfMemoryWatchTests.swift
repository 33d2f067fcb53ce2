import Foundation
import PhjobTestSupport
import Testing

@testable import PhjobSystem

/// Kills for memory are known also when the control group is gone before anybody looks.
@Suite(.timeLimit(.minutes(30)), .enabled(if: HostProcess.isRoot, "only root can make control groups"))
struct OutOfMemoryWatchTests {
    /// A control group of cgroup v1 with a limit of 16 MiB.
    private final class Group {
        let path = "/sys/fs/cgroup/memory/phjob-test-\(UInt32.random(in: 0...UInt32.max))"
        let group: ControlGroup

        init() throws {
            try Directory.create(path)
            for name in ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
            where access("\(path)/\(name)", F_OK) == 0 {
                try Descriptor(opening: "\(path)/\(name)", flags: O_WRONLY).write(Array("16777216".utf8))
            }
            group = ControlGroup(
                listing: "4:memory:/\(path.split(separator: "/").last ?? "")\n", root: "/sys/fs/cgroup",
                container: "phjob-test")
        }

        /// Runs a shell in the group; the shell itself is outside.
        func run(_ script: String) throws {
            try HostProcess.shell("(sh -c 'echo $$ >\(path)/cgroup.procs; \(script)'); true")
        }

        func remove() throws {
            try blockUntil("the group is empty") { rmdir(path) == 0 || errno == ENOENT }
        }

        deinit { rmdir(path) }
    }

    private static let hasVersionOne = access("/sys/fs/cgroup/memory/cgroup.event_control", F_OK) == 0
    private static let hog = "dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null"

    @Test(.enabled(if: hasVersionOne, "needs the memory controller of cgroup v1"), arguments: [0, 1, 3])
    func removedGroup(_ kills: Int) async throws {
        try await onThread {
            let group = try Group()
            let watch = try #require(OutOfMemoryWatch(group.group))
            let isTold = { try Poll.readable([watch.descriptor.number], until: .now) == [true] }
            #expect(try !isTold())
            try group.run("true; " + String(repeating: Self.hog + "; ", count: kills))
            #expect(try isTold() == (kills > 0))
            #expect(watch.look() == Int64(kills))
            #expect(try !isTold())
            #expect(group.group.outOfMemoryKills == Int64(kills))
            #expect(watch.conclusion(counted: Int64(kills)) == Int64(kills))
            try group.remove()
            #expect(group.group.outOfMemoryKills == nil)
            #expect(watch.conclusion(counted: nil) == Int64(kills))
        }
    }

    /// Also where the kernel has told of the removal long before.
    @Test(.enabled(if: hasVersionOne, "needs the memory controller of cgroup v1"), arguments: [false, true])
    func removedLongAgo(_ isKilled: Bool) async throws {
        try await onThread {
            let group = try Group()
            let watch = try #require(OutOfMemoryWatch(group.group))
            try group.run(isKilled ? Self.hog : "true")
            try group.remove()
            usleep(300_000)
            #expect(watch.conclusion(counted: nil) == (isKilled ? 1 : 0))
        }
    }

    @Test func groupThatCannotBeWatched() throws {
        let directory = try TemporaryDirectory()
        #expect(OutOfMemoryWatch(ControlGroup(listing: "0::/none\n", root: directory.path, container: "none")) == nil)
        #expect(OutOfMemoryWatch(ControlGroup(listing: "", root: directory.path, container: "none")) == nil)
    }

    /// `cgroup.events` is told of like `memory.events`, and is there without any controller.
    @Test func changedFileOfVersionTwo() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            try #require(try HostProcess.shell("mount -t cgroup2 none '\(directory.path)'").isSuccess)
            defer { _ = try? HostProcess.shell("umount '\(directory.path)'") }
            let group = directory("phjob-test-\(UInt32.random(in: 0...UInt32.max))")
            try Directory.create(group)
            defer { rmdir(group) }
            let watch = try #require(ControlFileWatch("\(group)/cgroup.events"))
            let isChanged = { try Poll.readable([watch.descriptor.number], until: .now.adding(seconds: $0)) == [true] }
            #expect(try watch.read()?.contains("populated 0") == true && !isChanged(0))
            let child = try HostProcess.shell("sleep 3600 >/dev/null 2>&1 & echo $! | tee '\(group)/cgroup.procs'")
                .output
                .text
            defer { kill(pid_t(child.trimmingCharacters(in: .newlines)) ?? 0, SIGKILL) }
            #expect(try isChanged(10))
            #expect(watch.read()?.contains("populated 1") == true)
            #expect(try !isChanged(0))
            try HostProcess.shell("kill -9 \(child)")
            #expect(try isChanged(10))
            try blockUntil("the group is empty") { rmdir(group) == 0 }
            #expect(watch.read() == nil)
            watch.end()
            #expect(try !isChanged(0))
        }
    }

    @Test func kernelsWords() {
        let id = String(repeating: "ab", count: 32)
        let line = { (constraint: String, memory: String) in
            "6,1,2,-;oom-kill:constraint=\(constraint),nodemask=(null),cpuset=libpod-\(id),mems_allowed=0,"
                + "oom_memcg=/libpod_parent/libpod-\(memory),task_memcg=/libpod_parent/libpod-\(id),task=dd,pid=30217,uid=0\n"
        }
        #expect(KernelLog.isOutOfMemory(line("CONSTRAINT_MEMCG", id), inGroup: id))
        #expect(!KernelLog.isOutOfMemory(line("CONSTRAINT_MEMCG", "cafe"), inGroup: id))
        // The whole machine was out of memory, which is not the job's fault.
        #expect(!KernelLog.isOutOfMemory(line("CONSTRAINT_NONE", id), inGroup: id))
        // What a process wrote there.
        #expect(!KernelLog.isOutOfMemory("1" + line("CONSTRAINT_MEMCG", id), inGroup: id))
        #expect(!KernelLog.isOutOfMemory("6,1,2,-;oom_memcg=/\(id)\n", inGroup: id))
    }

    @Test(.enabled(if: hasVersionOne, "needs the memory controller of cgroup v1"))
    func kernelsLog() async throws {
        try await onThread {
            let group = try Group()
            let name = String(group.path.split(separator: "/").last ?? "")
            #expect(KernelLog.tellsOfOutOfMemory(inGroup: name) == false)
            // The kernel tells of no more than ten in five seconds, whoever they were.
            try blockUntil("the kernel tells of it") {
                try group.run(Self.hog)
                return KernelLog.tellsOfOutOfMemory(inGroup: name) == true
            }
            try group.remove()
        }
    }
}
