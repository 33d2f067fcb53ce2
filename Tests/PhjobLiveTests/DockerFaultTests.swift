import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// What happens to jobs when docker itself is restarted, hangs, runs out of disk, or goes down with the machine.
@Suite(
    .enabled(if: HostProcess.isRoot, "only root can start a docker daemon"),
    .enabled(if: LiveEngine.all.contains(.docker), "docker is not used"))
struct DockerFaultTests {
    /// Prints without end, a number a line.
    private static let counting = "i=0; while :; do i=$((i + 1)); echo $i; sleep 0.02; done"

    /// Prints 100 lines, waits, and then 100 more; its exit code is 7.
    private static func steps(_ name: String) -> String {
        "seq 100; while [ ! -e /project/lab/\(name) ]; do sleep 0.05; done; seq 101 200; echo ran >>/project/lab/ran; exit 7"
    }

    private static func numbers(upTo count: Int) -> [String] { (1..<count + 1).map(String.init) }

    private static func shortGrace(_ catalogue: inout LiveCatalogue) {
        catalogue.limits["stopGraceSeconds"] = .integer(2)
    }

    /// Without `live-restore` the daemon ends all jobs, when it ends or when it is started again.
    @Test func restartsEndJobs() async throws {
        try await PrivateDocker.with(liveRestore: false, configure: Self.shortGrace) { docker, phjob in
            for signal in [SIGTERM, SIGKILL] {
                let printing = try phjob.submit(Self.counting)
                let deaf = try phjob.submit("trap '' TERM; echo deaf; while :; do sleep 0.1; done")
                try phjob.wait(forOutput: "\n5\n", of: printing)
                try phjob.wait(forOutput: "deaf", of: deaf)
                try docker.endDaemon(signal)
                let late = try phjob.submit("exit 5")
                #expect(try !phjob.get(late).phase.isFinal)
                try docker.start(liveRestore: false)
                let ends: [(JobID, Int32, String)] = [(printing, 143, "SIGTERM"), (deaf, 137, "SIGKILL")]
                for (id, code, name) in ends {
                    let job = try phjob.end(of: id)
                    #expect(job.reason == .signalled, "\(name): \(job.reason) \(job.message)")
                    #expect(job.exitCode == code)
                    #expect(job.signal == name)
                    #expect(job.message.contains("not by phjob") && job.message.hasSuffix("was the engine restarted?"))
                }
                let lines = try phjob.log(printing).lines
                #expect(lines.count >= 5)
                #expect(lines == Self.numbers(upTo: lines.count))
                #expect(try phjob.end(of: late).exitCode == 5)
            }
            // Its monitor is killed, and docker says that the job was.
            let id = try phjob.submit(Self.counting)
            try phjob.wait(forOutput: "\n5\n", of: id)
            let pid = try docker.call("inspect", "--format={{.State.Pid}}", phjob.containerName(of: id)).text
            let status = try String(contentsOfFile: "/proc/\(pid.filter(\.isNumber))/status", encoding: .utf8)
            let parent = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }
            kill(try #require(parent.flatMap { pid_t($0.filter(\.isNumber)) }), SIGKILL)
            let job = try phjob.end(of: id)
            #expect((job.reason, job.signal) == (JobReason.signalled, "SIGKILL"), "\(job.message)")
            #expect(job.exitCode == 137)
            #expect(job.message.contains("not by phjob"))
            let lines = try phjob.log(id).lines
            #expect(lines == Self.numbers(upTo: lines.count))
            try LivePhjob.poll("no container is left") { try phjob.containers().isEmpty }
        }
    }

    /// With `live-restore` jobs outlive the daemon, and so do their logs, but for what nobody read at their end.
    @Test func jobsOutliveRestarts() async throws {
        try await PrivateDocker.with(liveRestore: true) { docker, phjob in
            for (round, signal) in [SIGTERM, SIGKILL].enumerated() {
                let through = try phjob.submit(Self.steps("through\(round)"))
                let meanwhile = try phjob.submit(Self.steps("meanwhile\(round)"))
                for id in [through, meanwhile] { try phjob.wait(forOutput: "\n100\n", of: id) }
                let follower = try phjob.start("logs", "--follow", through.text)
                try LivePhjob.poll("the log is followed") { follower.text.contains("\n100\n") }
                try docker.endDaemon(signal)
                try phjob.directory.write("", to: "volume/meanwhile\(round)")
                try LivePhjob.poll("the end is seen") {
                    phjob.runnerLog.split(separator: "\n").contains {
                        $0.contains("exit-unread") && $0.contains(meanwhile.text)
                    }
                }
                #expect(try phjob.get(meanwhile).phase == .running)
                #expect(try phjob.get(through).phase == .running)
                try docker.start(liveRestore: true)
                let ended = try phjob.end(of: meanwhile)
                #expect(ended.exitCode == 7, "\(ended.message)")
                #expect(ended.log.incomplete?.contains("docker did not answer when the job ended") == true)
                #expect(try phjob.log(meanwhile).lines.starts(with: Self.numbers(upTo: 100)))
                #expect(try phjob.get(through).phase == .running)
                try phjob.directory.write("", to: "volume/through\(round)")
                let job = try phjob.end(of: through)
                #expect(job.exitCode == 7, "\(job.message)")
                #expect(job.log.incomplete == nil)
                #expect(try phjob.log(through).lines == Self.numbers(upTo: 200))
                #expect(try follower.end().lines == Self.numbers(upTo: 200))
            }
            #expect(try phjob.directory.text("volume/ran") == String(repeating: "ran\n", count: 4))
            try Self.hang(docker, phjob)
        }
    }

    /// A daemon that hangs holds up nobody but those who need it, and when it goes on, so does everything.
    private static func hang(_ docker: PrivateDocker, _ phjob: LivePhjob) throws {
        let running = try phjob.submit(Self.steps("hang"))
        let stopped = try phjob.submit(Self.counting)
        for id in [running, stopped] { try phjob.wait(for: .running, of: id) }
        let daemon = try #require(docker.daemon)
        kill(daemon, SIGSTOP)
        try phjob.directory.write("", to: "volume/hang")
        let begin = Monotonic.now
        let late = try phjob.submit("exit 5")
        #expect(try phjob("cancel", "--yes", stopped.text).status == 0)
        #expect(try phjob.jobs().count == 7)
        for id in [running, stopped, late] { #expect(try !phjob.get(id).phase.isFinal) }
        #expect(try phjob("runner", "status").status == 0)
        #expect(Monotonic.now < begin.adding(seconds: 30))
        kill(daemon, SIGCONT)
        #expect(try phjob.end(of: running).exitCode == 7)
        #expect(try phjob.log(running).lines == Self.numbers(upTo: 200))
        #expect(try phjob.end(of: stopped).reason == .cancelledByUser)
        #expect(try phjob.end(of: late).exitCode == 5)
        #expect(try phjob.directory.text("volume/ran") == String(repeating: "ran\n", count: 5))
    }

    /// A full disk of docker's ends no job; those that cannot be started wait for space.
    @Test func fullDiskAndReboot() async throws {
        try await PrivateDocker.with(liveRestore: true, diskSize: "96M") { docker, phjob in
            let running = try phjob.submit(Self.steps("full"))
            try phjob.wait(forOutput: "\n100\n", of: running)
            let ballast = docker.directory("data/ballast")
            try docker.inNamespaces("cat /dev/zero >'\(ballast)'; sync")
            let waiting = try phjob.submit("echo ran >>/project/lab/waited; exit 5")
            try LivePhjob.poll("it waits for space") {
                try phjob.get(waiting).message.contains("no space left on device")
            }
            try phjob.directory.write("", to: "volume/full")
            #expect(try phjob.end(of: running).exitCode == 7)
            #expect(try phjob.get(waiting).phase == .preparing)
            // A daemon that has ended, and may not even start on a full disk, is waited for, too.
            try docker.inNamespaces("cat /dev/zero >>'\(ballast)'; sync")
            try docker.endDaemon(SIGKILL)
            try LivePhjob.poll("docker is missed") {
                phjob.runnerLog.split(separator: "\n").contains {
                    $0.contains("Cannot connect") && $0.contains(waiting.text)
                }
            }
            try docker.start(liveRestore: true, isExpectedToAnswer: false)
            try LivePhjob.poll("it has tried to start") {
                try !docker.isRunning || docker.call("version", timeout: 5).status == 0
            }
            #expect(try phjob.get(waiting).phase == .preparing)
            try docker.inNamespaces("rm '\(ballast)'")
            try docker.endDaemon(SIGKILL)
            try docker.start(liveRestore: true)
            #expect(try phjob.end(of: waiting).exitCode == 5)
            #expect(try phjob.directory.text("volume/waited") == "ran\n")
            try Self.reboot(docker, phjob)
        }
    }

    /// What no runner saw the end of is lost with the machine: a shutdown makes commands end with any code. Logs are kept.
    private static func reboot(_ docker: PrivateDocker, _ phjob: LivePhjob) throws {
        let running = try phjob.submit(Self.counting)
        let ended = try phjob.submit(Self.steps("before"))
        for id in [running, ended] { try phjob.wait(for: .running, of: id) }
        try phjob.killRunner()
        try phjob.directory.write("", to: "volume/before")
        try LivePhjob.poll("it has ended") {
            try docker.call("inspect", "--format={{.State.Status}}", phjob.containerName(of: ended)).text == "exited\n"
        }
        try docker.crash()
        try docker.boot(liveRestore: true)
        // The next runner sees another boot.
        try phjob.directory.write("\(UUID())\n", to: "boot")
        let start = """
            mount --bind '\(phjob.directory("boot"))' /proc/sys/kernel/random/boot_id && exec "$PHJOB" runner start
            """
        try phjob.directory.write(start, to: "start.sh")
        let started = try phjob.shell("exec unshare --mount --propagation=private sh '\(phjob.directory("start.sh"))'")
        try #require(started.status == 0, "\(started.errors)")
        let lost = try phjob.end(of: running)
        #expect(lost.phase == .unknown)
        #expect(lost.reason == .nodeLost, "\(lost.message)")
        #expect(lost.exitCode == nil)
        #expect(try phjob.end(of: ended).reason == .nodeLost)
        #expect(try phjob.log(ended).lines == Self.numbers(upTo: 200))
        try LivePhjob.poll("no container is left") { try phjob.containers().isEmpty }
    }

    /// However often the client for the log dies, each line comes once.
    @Test func killedLogClients() async throws {
        try await LivePhjob.with(.docker, blocking: true) { phjob in
            _ = try BlockingEngine(phjob)
            let id = try phjob.submit(
                "i=0; while [ ! -e /project/lab/go ]; do i=$((i + 1)); echo $i; sleep 0.01; done; echo $i >/project/lab/count"
            )
            try phjob.wait(for: .running, of: id)
            let container = try phjob.engine.call("inspect", "--format={{.Id}}", phjob.containerName(of: id)).lines[0]
            let follower = try phjob.start("logs", "--follow", id.text)
            var killed: Set<pid_t> = []
            try LivePhjob.poll("clients were killed") {
                for pid in try Self.logClients(of: container) where killed.insert(pid).inserted {
                    kill(pid, SIGKILL)
                }
                return killed.count > 2
            }
            try phjob.directory.write("", to: "volume/go")
            let job = try phjob.end(of: id)
            #expect(job.exitCode == 0)
            #expect(job.log.incomplete == nil)
            let count = Int(try phjob.directory.text("volume/count").filter(\.isNumber)) ?? 0
            let lines = Self.numbers(upTo: count)
            #expect(try phjob.log(id).lines == lines)
            #expect(try follower.end().lines == lines)
        }
    }

    private static func logClients(of container: String) throws -> [pid_t] {
        let wanted = Array("docker\0logs\0".utf8)
        return try Directory.names(in: Directory.open("/proc")).compactMap { pid_t($0) }.filter { pid in
            let bytes = try? Descriptor(opening: "/proc/\(pid)/cmdline", flags: O_RDONLY).readAll(limit: 1 << 16)
            return bytes?.firstRange(of: wanted) != nil && bytes?.firstRange(of: Array(container.utf8)) != nil
        }
    }
}
