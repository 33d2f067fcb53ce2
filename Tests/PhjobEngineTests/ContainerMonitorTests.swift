import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobEngine

/// Which processes are taken for monitors of jobs' containers: those found here may be ended.
@Suite(.timeLimit(.minutes(30))) struct ContainerMonitorTests {
    private static let id = "job-202611211103-oqkldg"
    private static let containerID = String(repeating: "0f", count: 32)

    @Test func aMonitorIsKnownByItsFileAndItsUser() async throws {
        try await onThread {
            let process = try ReapedProcess(ProcessCommand("/bin/sleep", ["3600"]), log: "/dev/null")
            defer { end(process) }
            try blockUntil("it runs") { ContainerMonitor(process.pid, program: "/bin/sleep") != nil }
            #expect(ContainerMonitor(process.pid, program: "/bin/cat") == nil)
            #expect(ContainerMonitor(process.pid, program: "/nonexistent") == nil)
            #expect(ContainerMonitor(getpid(), program: "/bin/sleep") == nil)
            #expect(ContainerMonitor.all(program: "/bin/sleep").map(\.process.pid).contains(process.pid))
        }
    }

    /// S1: who starts a set-user-ID program chooses its arguments, and it may wait for a password for ever.
    @Test(
        .enabled(if: HostProcess.isRoot, "becoming another user needs root"),
        arguments: ["true", "chmod 0755 conmon", "chmod 0600 conmon", "rm conmon", "cp conmon new; mv new conmon"])
    func aSetUserIDProgramIsNone(_ change: String) async throws {
        try await onThread {
            // Nobody but root can change anything on the way to it.
            let directory = try TemporaryDirectory(in: "/var/lib")
            chmod(directory.path, 0o755)
            let (conmon, evil) = (directory("conmon"), directory("evil"))
            try directory.copy(program: "/bin/cat", to: "conmon")
            try directory.write("#!/bin/sh\necho \"$0 $*\" >>'\(directory("ran"))'\n", to: "evil", mode: 0o755)
            try Directory.create(directory("jobs/\(Self.id)"))
            mkfifo(directory("pipe"), 0o666)
            chmod(directory("pipe"), 0o666)
            let pipe = try Descriptor(opening: directory("pipe"), flags: O_RDWR)
            let words = "-c \(Self.containerID) -u \(Self.containerID) -r \(evil) -n phjob-\(Self.id) --exit-dir /x"
            let start = { (user: String) in
                let script = "exec \(user) '\(conmon)' -- - \(words) <'\(directory("pipe"))'"
                let process = try ReapedProcess(ProcessCommand("/bin/sh", ["-c", script]), log: "/dev/null")
                try blockUntil("it runs") { HostProcess.arguments(of: process.pid).first == conmon }
                return process
            }
            let own = try start("")
            defer { end(own) }
            #expect(ContainerMonitor(own.pid, program: conmon) != nil)
            chmod(conmon, 0o4755)
            #expect(ContainerMonitor(own.pid, program: conmon) == nil)
            let others = try start("setpriv --reuid=12345 --clear-groups")
            defer { end(others) }
            let entry = try #require(ProcessTable.entry(of: others.pid))
            #expect(entry.uids?.effective == 0 && entry.uids?.real == 12_345)
            try #require(try HostProcess.shell("cd '\(directory.path)' && \(change)").isSuccess)
            #expect(ContainerMonitor(others.pid, program: conmon) == nil)
            // A file that was removed or replaced is not the one that the engine names any more.
            let isInPlace = change.hasPrefix("chmod")
            #expect((ContainerMonitor(own.pid, program: conmon) != nil) == isInPlace)
            #expect(directory.status("ran") == nil)
            withExtendedLifetime(pipe) {}
        }
    }

    /// The log that it has open, or what its container has mounted, tells whose container it looks after.
    @Test(.enabled(if: HostProcess.isRoot, "mounting needs root"), arguments: ["log", "mount"])
    func itIsEndedWithItsContainer(_ evidence: String) async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let id = try #require(JobID(Self.id))
            let jobs = directory("jobs")
            try Directory.create("\(jobs)/\(id)/run")
            let script =
                evidence == "log"
                ? "exec 3>'\(jobs)/\(id)/log'; sleep 3600; :"
                : "unshare --mount sh -c 'mount --bind \"\(jobs)/\(id)/run\" /mnt && exec sleep 3600'; :"
            let process = try ReapedProcess(ProcessCommand("/bin/sh", ["-c", script]), log: "/dev/null")
            defer { end(process) }
            var found: ContainerMonitor?
            try blockUntil("it is found") {
                found = ContainerMonitor(process.pid, program: "/bin/sh")
                return found?.job(in: jobs) == id && !ProcessTable.children(of: process.pid).isEmpty
            }
            let monitor = try #require(found)
            #expect(monitor.job(in: directory.path) == nil && monitor.job(in: "/nonexistent") == nil)
            let child = try #require(ProcessTable.children(of: process.pid).first)
            #expect(ContainerMonitor(ofProcess: child.pid, program: "/bin/sh") == monitor)

            monitor.end()
            #expect(!HostProcess.isAlive(child.pid))
            // It follows by itself: the shell has no more to do.
            #expect(try process.waitForEnd() == 0)
        }
    }

    @Test func jobsOfFilesAndMounts() throws {
        let id = try #require(JobID(Self.id))
        for path in ["/s/jobs/\(id)/log", "/s/jobs/\(id)/log (deleted)"] {
            #expect(ContainerMonitor.job(ofFile: path, in: "/s/jobs") == id)
        }
        for path in ["/s/jobs/\(id)", "/t/jobs/\(id)/log", "/s/jobs/x/log", "/s/jobs-\(id)/log", "socket:[1]", ""] {
            #expect(ContainerMonitor.job(ofFile: path, in: "/s/jobs") == nil, "\(path)")
        }
        for path in ["/s/jobs/\(id)/run", "/jobs/\(id)/run", "/@/s/jobs/\(id)/run//deleted"] {
            #expect(ContainerMonitor.job(ofMount: path) == id, "\(path)")
        }
        for path in ["/s/jobs/\(id)/home", "/s/\(id)/run", "/s/jobs/x/run", "/", "", "/s/jobs/\(id)/run/x"] {
            #expect(ContainerMonitor.job(ofMount: path) == nil, "\(path)")
        }
    }

    private func end(_ process: ReapedProcess) {
        for child in ProcessTable.children(of: process.pid) { child.kill() }
        process.signal(SIGKILL)
        _ = try? process.waitForEnd()
    }
}
