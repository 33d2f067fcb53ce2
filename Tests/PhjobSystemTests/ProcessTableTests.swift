import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// Telling processes apart, and seeing them end.
@Suite(.timeLimit(.minutes(30))) struct ProcessTableTests {
    @Test func ownProcessHasItsStart() throws {
        let ticks = try #require(ProcessTable.startTicks(of: getpid()))
        #expect(ticks > 0)
        #expect(ProcessTable.startTicks(of: getpid()) == ticks)
        let uptime = try Double(String(contentsOfFile: "/proc/uptime", encoding: .utf8).prefix { $0 != " " }) ?? 0
        #expect(Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))) <= uptime + 1)
    }

    @Test(arguments: [0, -1, pid_t.max])
    func numberOfNoProcess(_ pid: pid_t) {
        #expect(ProcessTable.startTicks(of: pid) == nil)
        #expect(PidDescriptor.open(pid: pid, startTicks: 1) == nil)
    }

    /// The name stands before the start in the kernel's line, and may look like more of it.
    @Test(arguments: ["a b", "x) Z 1 2 3 (y", "((", "sp ) S 1", "\u{e9}"])
    func namesThatLookLikeFields(_ name: String) async throws {
        let directory = try TemporaryDirectory()
        let path = directory(name)
        try #require(symlink("/bin/sleep", path) == 0)
        let child = try Running(path, ["300"])
        defer { child.end() }
        try await eventually("the program has its name") {
            try String(contentsOfFile: "/proc/\(child.pid)/comm", encoding: .utf8).hasPrefix(String(name.prefix(15)))
        }
        let own = try #require(ProcessTable.startTicks(of: getpid()))
        #expect(try #require(ProcessTable.startTicks(of: child.pid)) >= own)
    }

    @Test func zombieIsNoProcess() async throws {
        let child = try Running("/bin/true", [])
        try await eventually("it has ended") {
            try String(contentsOfFile: "/proc/\(child.pid)/stat", encoding: .utf8).contains(") Z ")
        }
        #expect(kill(child.pid, 0) == 0)
        #expect(ProcessTable.startTicks(of: child.pid) == nil)
        #expect(PidDescriptor.open(pid: child.pid, startTicks: 1) == nil)
        child.end()
    }

    /// A set-user-ID program has root's rights and another user's arguments. It is not root's, also when its file has lost the bit
    /// under it, or is gone.
    @Test(
        .enabled(if: HostProcess.isRoot, "becoming another user needs root"),
        arguments: [
            // Another user's; with our rights, but started by another user; ours, but in a container.
            ("setpriv --reuid=12345 --clear-groups sleep 3600", "true"),
            ("setpriv --reuid=12345 --clear-groups ./cat - <pipe", "true"),
            ("setpriv --reuid=12345 --clear-groups ./cat - <pipe", "chmod 0600 cat"),
            ("setpriv --reuid=12345 --clear-groups ./cat - <pipe", "chmod 0600 cat && rm cat"),
            ("setpriv --reuid=12345 --clear-groups ./cat - <pipe", "cp /bin/cat new && mv new cat"),
            ("unshare --pid --fork --mount-proc --kill-child sleep 3600", "true"),
        ])
    func processOfOthersIsNotOurs(_ script: String, _ change: String) async throws {
        let directory = try TemporaryDirectory()
        chmod(directory.path, 0o755)
        mkfifo(directory("pipe"), 0o666)
        let pipe = try Descriptor(opening: directory("pipe"), flags: O_RDWR)
        chmod(directory("pipe"), 0o666)
        let cat = directory("cat")
        try #require(try HostProcess.shell("cp /bin/cat \(cat) && chmod 4755 \(cat)").isSuccess)
        let child = try Running("/bin/sh", ["-c", "cd \(directory.path) && exec \(script)"])
        defer { child.end() }
        var found: pid_t?
        try await eventually("it runs") {
            found = ([child.pid] + ProcessTable.children(of: child.pid).map(\.pid)).first { pid in
                let name = HostProcess.arguments(of: pid).first?.split(separator: "/").last
                return name == "sleep" || name == "cat"
            }
            return found != nil
        }
        try #require(try HostProcess.shell("cd \(directory.path) && \(change)").isSuccess)
        let pid = try #require(found)
        let entry = try #require(ProcessTable.entry(of: pid))
        #expect(!entry.isOurs)
        if script.contains("cat") { #expect(entry.uids?.effective == 0 && entry.uids?.real == 12_345) }
        withExtendedLifetime(pipe) {}
    }

    @Test func whatCannotBeReadIsNotOurs() {
        let own = "Uid:\t\(geteuid())\t\(geteuid())\t\(geteuid())\t\(geteuid())\n"
        let entry = { ProcessEntry(pid: 7, startTicks: 1, parent: 1, status: $0) }
        #expect(entry("\(own)NSpid:\t7\n").isOurs)
        for status in ["", own, "NSpid:\t7\n", "\(own)NSpid:\t7\t1\n", "Uid:\t0\t0\t0\nNSpid:\t7\n"] {
            #expect(!entry(status).isOurs, "\(status)")
        }
    }

    /// A name with a line feed in it could otherwise be a line of its own.
    @Test func nameIsNoLine() async throws {
        let directory = try TemporaryDirectory()
        let path = directory("\nUid:\t1\t1\t1\t1")
        try #require(symlink("/bin/sleep", path) == 0)
        let child = try Running(path, ["300"])
        defer { child.end() }
        try await eventually("the program has its name") {
            try String(contentsOfFile: "/proc/\(child.pid)/status", encoding: .utf8).hasPrefix("Name:\t\\nUid:")
        }
        #expect(try #require(ProcessTable.entry(of: child.pid)).uids?.areAll(geteuid()) == true)
    }

    @Test func processIsKilledWithItsStart() async throws {
        let child = try Running("/bin/sleep", ["300"])
        defer { child.end() }
        let entry = try #require(ProcessTable.entry(of: child.pid))
        #expect(entry.pid == child.pid && entry.parent == getpid() && entry.isOurs)
        #expect(ProcessTable.children(of: getpid()).contains { $0.pid == child.pid })
        // One of the same number that started at another time is somebody else's.
        let status = "Uid:\t0\t0\t0\t0\nNSpid:\t1\n"
        ProcessEntry(pid: entry.pid, startTicks: entry.startTicks + 1, parent: 1, status: status).kill()
        entry.kill { false }
        #expect(HostProcess.isAlive(child.pid))
        entry.kill()
        try await eventually("it is gone") { !HostProcess.isAlive(child.pid) }
    }

    /// What a process calls itself is its own affair; the file that it runs is not.
    @Test func programIsTheFile() async throws {
        let directory = try TemporaryDirectory()
        let copy = directory("sleep")
        try #require(try HostProcess.shell("cp /bin/sleep \(copy)").isSuccess)
        symlink("/bin/sleep", directory("Xorg"))
        for (path, isRoots) in [("/bin/sleep", true), (directory("Xorg"), true), (copy, false)] {
            let child = try Running(path, ["300"])
            defer { child.end() }
            try await eventually("it runs") { HostProcess.arguments(of: child.pid) == [path, "300"] }
            let program = try #require(ProcessProgram(of: child.pid))
            #expect(program.name == "sleep" && program.isRoots == isRoots, "\(path)")
            #expect(program.isProgram(at: "/bin/sleep") == isRoots && !program.isProgram(at: "/bin/cat"))
            guard path == copy else { continue }
            unlink(copy)
            #expect(ProcessProgram(of: child.pid) == program)
        }
        #expect(ProcessProgram(of: pid_t.max) == nil)
    }

    @Test func lineageLeadsToTheFirstProcess() async throws {
        let child = try Running("/bin/sleep", ["300"])
        defer { child.end() }
        try await eventually("it runs") { HostProcess.arguments(of: child.pid) == ["/bin/sleep", "300"] }
        let lineage = ProcessTable.lineage(of: child.pid)
        #expect(lineage.prefix(2).map(\.pid) == [child.pid, getpid()])
        #expect(lineage.map(\.startTicks) == lineage.map { ProcessTable.startTicks(of: $0.pid) })
        #expect(Set(lineage.map(\.pid)).count == lineage.count)
        #expect(try #require(lineage.last).startTicks <= lineage[0].startTicks)
        #expect(ProcessTable.entry(of: child.pid)?.parent == getpid())
    }

    @Test func whatHasEndedHasNoLineage() async throws {
        let child = try Running("/bin/true", [])
        // Nobody has waited for it yet.
        try await eventually("it has ended") { ProcessTable.lineage(of: child.pid).isEmpty }
        #expect(!ProcessTable.isHidden(child.pid))
        child.end()
        #expect(ProcessTable.lineage(of: child.pid).isEmpty && ProcessTable.entry(of: child.pid) == nil)
        for pid in [child.pid, getpid(), 1, 0, -1] { #expect(!ProcessTable.isHidden(pid)) }
        #expect(ProcessTable.lineage(of: 0).isEmpty)
    }

    @Test func descriptorOfAProcessIsReadableWhenItEnds() async throws {
        let child = try Running("/bin/sleep", ["300"])
        let ticks = try #require(ProcessTable.startTicks(of: child.pid))
        let descriptor = try #require(PidDescriptor.open(pid: child.pid, startTicks: ticks))
        #expect(try Poll.readable([descriptor.number], until: .now) == [false])
        kill(child.pid, SIGKILL)
        #expect(try Poll.readable([descriptor.number], until: .now.adding(seconds: patience)) == [true])
        child.end()
        #expect(try Poll.readable([descriptor.number], until: .now) == [true])
    }

    /// It stands for another process that had the same number.
    @Test func processOfAnotherStartIsRefused() throws {
        let ticks = try #require(ProcessTable.startTicks(of: getpid()))
        #expect(PidDescriptor.open(pid: getpid(), startTicks: ticks + 1) == nil)
        #expect(PidDescriptor.open(pid: getpid(), startTicks: ticks) != nil)
    }
}

/// A child that nobody but the test waits for.
private struct Running {
    let pid: pid_t

    init(_ executable: String, _ arguments: [String]) throws {
        pid = try Detached.start(ProcessCommand(executable, arguments), log: "/dev/null")
    }

    func end() {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }
}
