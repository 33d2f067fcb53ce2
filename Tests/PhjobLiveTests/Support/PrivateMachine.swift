import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// A mount namespace (mount_namespaces(7)) with `/etc`, `/run` and `/var/lib` of a test's own: a new machine as far as files go,
/// on which neither podman nor docker works. Needs root.
final class PrivateMachine: Sendable {
    /// Seen by both worlds; holds the program's prefix, and is open to be passed.
    let directory: TemporaryDirectory
    private let holder: ReapedProcess

    /// What its commands find. Engines that are not there answer first: the real ones would take an empty `/run` for a reboot.
    let environment: [String: String]

    init() throws {
        directory = try TemporaryDirectory()
        chmod(directory.path, 0o755)
        mkdir(directory("bin"), 0o755)
        for name in ["podman", "docker"] {
            try directory.write("#!/bin/sh\necho 'not here' >&2\nexit 125\n", to: "bin/\(name)", mode: 0o755)
        }
        let path = "\(directory("bin")):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = ["PATH": path, "HOME": "/root", "LANG": "C.UTF-8", "PHJOB_BINARY": LivePhjob.binary]
        let script = """
            set -e
            # Another test may make or remove a user meanwhile.
            tries=0
            until mkdir '\(directory("etc"))' && cp -a /etc/. '\(directory("etc"))'; do
                tries=$((tries + 1))
                [ $tries -lt 100 ]
                rm -rf '\(directory("etc"))'
            done
            rm -rf '\(directory("etc"))'/*.lock '\(directory("etc"))/phjob' '\(directory("etc"))/systemd/system/phjob.service'
            mount --bind '\(directory("etc"))' /etc
            mount -t tmpfs -o mode=755 tmpfs /run
            mount -t tmpfs -o mode=755 tmpfs /var/lib
            : >'\(directory("ready"))'
            exec sleep infinity
            """
        holder = try ReapedProcess(
            ProcessCommand(
                "/usr/bin/unshare", ["--mount", "--propagation=private", "/bin/sh", "-c", script],
                environment: environment), log: directory("holder.log"))
        try blockUntil("the machine is there") {
            try #require(holder.isRunning, "\((try? directory.text("holder.log")) ?? "")")
            return access(directory("ready"), F_OK) == 0
        }
    }

    func end() {
        holder.signal(SIGKILL)
        do {
            try holder.waitForEnd()
        } catch {
            Issue.record("left behind: \(holder.pid): \(error)")
        }
    }

    /// The path by which others see a file of its.
    func callAsFunction(_ path: String) -> String { "/proc/\(holder.pid)/root\(path)" }

    /// Mode, owner and group of a file, as `-rw-r----- 0 0`; nil if there is none.
    func look(_ path: String) -> String? {
        guard let output = try? HostProcess.shell("stat --format='%A %u %g' -- '\(self(path))'"), output.isSuccess
        else { return nil }
        return output.output.text.trimmingCharacters(in: .newlines)
    }

    /// What a command is as one on this machine.
    func command(_ command: ProcessCommand) -> ProcessCommand {
        ProcessCommand(
            "/usr/bin/nsenter", ["--mount=/proc/\(holder.pid)/ns/mnt", "--", command.executable] + command.arguments,
            environment: command.environment)
    }

    @discardableResult
    func run(_ executable: String, _ arguments: String..., extra: [String: String] = [:]) throws -> Output {
        let inner = ProcessCommand(executable, arguments, environment: environment.merging(extra) { $1 })
        return Output(try ChildProcess(command(inner), timeout: 300, captureLimit: 16 << 20).run())
    }
}
