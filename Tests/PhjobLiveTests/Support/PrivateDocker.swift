import Foundation
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// A docker daemon of a test's own, which may be broken in every way. Needs root.
///
/// It has network and mount namespaces of its own: the machine's bridge and mounts are never touched, and what it mounts
/// goes with its last process. Its containerd is no child of the daemon's, as on a machine with systemd.
final class PrivateDocker: Sendable {
    private struct Daemons {
        var containerd: ReapedProcess?
        var docker: ReapedProcess?
    }

    let directory: TemporaryDirectory
    /// Keeps the namespaces.
    private let holder: ReapedProcess
    private let daemons = Mutex(Daemons())
    /// All containers' control groups are below this one.
    private let controlGroup: String

    var clientEnvironment: [String: String] {
        LiveEngine.clientEnvironment.merging(["DOCKER_HOST": "unix://\(directory("docker.sock"))"]) { $1 }
    }

    private init(diskSize: String?) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        controlGroup = directory.path.split(separator: "/").last.map(String.init) ?? ""
        for name in ["data", "execution", "containerd", "containerd-state"] { try Directory.create(directory(name)) }
        try directory.write("{}\n", to: "daemon.json")
        try directory.write(
            """
            version = 2
            root = "\(directory("containerd"))"
            state = "\(directory("containerd-state"))"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
            address = "\(directory("containerd.sock"))"

            """, to: "containerd.toml")
        var script = "exec sleep 3600"
        if let diskSize {
            let image = directory("disk.img")
            script = """
                truncate -s \(diskSize) '\(image)' && mkfs.ext4 -q '\(image)' && mount -o loop '\(image)' '\(directory("data"))' \
                && : >'\(directory("mounted"))' && \(script)
                """
        }
        holder = try Self.start(
            ["/usr/bin/unshare", "--net", "--mount", "--propagation=private", "/bin/sh", "-c", script],
            log: directory("holder.log"))
        if diskSize != nil {
            try blockUntil("the disk is mounted: \((try? directory.text("holder.log")) ?? "")") {
                directory.status("mounted") != nil
            }
        } else {
            try blockUntil("the namespaces are there") {
                try Self.namespace(of: holder.pid) != Self.namespace(of: getpid())
            }
        }
    }

    /// Runs `body` with a phjob on a docker of its own; then ends all that has to do with it.
    ///
    /// - Parameters:
    ///   - liveRestore: whether containers shall outlive the daemon.
    ///   - diskSize: of a disk of its own for images and containers.
    static func with(
        liveRestore: Bool, diskSize: String? = nil,
        configure: @escaping @Sendable (inout LiveCatalogue) throws -> Void = { _ in },
        _ body: @escaping @Sendable (PrivateDocker, LivePhjob) throws -> Void
    ) async throws {
        let docker = try await onThread { try PrivateDocker(diskSize: diskSize) }
        do {
            try await LivePhjob.with(.docker, weight: 2, docker: docker) { _, catalogue in
                // Here and not before, so that no daemon starts before there is room for it.
                try docker.startContainerd()
                try docker.start(liveRestore: liveRestore)
                try docker.loadImage()
                try configure(&catalogue)
            } _: { phjob in
                do {
                    try body(docker, phjob)
                } catch {
                    try? docker.start(liveRestore: liveRestore)
                    throw error
                }
            }
        } catch {
            try await onThread { docker.end() }
            throw EngineFailure(description: "\(error)\n\(docker.logEnd)")
        }
        try await onThread { docker.end() }
    }

    // MARK: - The daemons

    /// Starts the daemon, unless it runs, and waits until it answers.
    func start(liveRestore: Bool, isExpectedToAnswer: Bool = true) throws {
        if let process = daemons.withLock(\.docker), process.isRunning {
            process.signal(SIGCONT)
        } else {
            try endDaemon(SIGKILL)
            var arguments = [
                "--config-file=\(directory("daemon.json"))", "--data-root=\(directory("data"))",
                "--exec-root=\(directory("execution"))", "--pidfile=\(directory("docker.pid"))",
                "--host=unix://\(directory("docker.sock"))", "--containerd=\(directory("containerd.sock"))",
                "--storage-driver=vfs", "--exec-opt=native.cgroupdriver=cgroupfs", "--cgroup-parent=/\(controlGroup)",
            ]
            if liveRestore { arguments.append("--live-restore") }
            let process = try run("dockerd", arguments)
            daemons.withLock { $0.docker = process }
        }
        guard isExpectedToAnswer else { return }
        try blockUntil("the daemon answers") { try call("version", timeout: 20).status == 0 }
    }

    var daemon: pid_t? { daemons.withLock(\.docker)?.pid }
    var isRunning: Bool { daemons.withLock(\.docker)?.isRunning ?? false }

    /// Sends the daemon a signal and waits for its end.
    func endDaemon(_ signal: Int32) throws {
        guard let process = daemons.withLock({ $0.docker.take() }) else { return }
        process.signal(signal)
        try process.waitForEnd("the daemon has ended")
    }

    private func startContainerd() throws {
        let process = try run("containerd", ["--config=\(directory("containerd.toml"))", "--log-level=warn"])
        daemons.withLock { $0.containerd = process }
        try blockUntil("containerd listens") { directory.status("containerd.sock") != nil }
    }

    /// Ends everything at once, and takes away what a reboot would.
    func crash() throws {
        let processes = daemons.withLock { daemons in
            defer { daemons = Daemons() }
            return [daemons.docker, daemons.containerd].compactMap(\.self)
        }
        for process in processes { process.signal(SIGKILL) }
        for process in processes { try process.waitForEnd() }
        try killAll(except: [holder.pid])
        removeSockets()
        for name in ["execution", "containerd-state", "containerd.sock", "containerd.sock.ttrpc", "docker.pid"] {
            try inNamespaces("rm -rf -- '\(directory(name))'")
        }
        for name in ["execution", "containerd-state"] { try Directory.create(directory(name)) }
    }

    /// Starts everything again after ``crash()``.
    func boot(liveRestore: Bool) throws {
        try startContainerd()
        try start(liveRestore: liveRestore)
    }

    // MARK: - Calls

    @discardableResult
    func call(_ arguments: String..., timeout: Double = patience) throws -> Output {
        try LiveEngine.docker.call(arguments, timeout: timeout, environment: clientEnvironment)
    }

    /// Runs a script that sees what the daemon sees.
    @discardableResult
    func inNamespaces(_ script: String) throws -> ProcessResult {
        let command = ProcessCommand(
            "/usr/bin/nsenter", ["--target=\(holder.pid)", "--net", "--mount", "/bin/sh", "-c", script],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        return try ChildProcess(command, timeout: patience).run()
    }

    private func loadImage() throws {
        let archive = directory("image.tar")
        try #require(try LiveEngine.docker.call("save", "--output=\(archive)", LiveEngine.image).status == 0)
        let loaded = try call("load", "--input=\(archive)")
        try #require(loaded.status == 0, "\(loaded.errors)")
    }

    private func run(_ name: String, _ arguments: [String]) throws -> ReapedProcess {
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let program = try #require(ExecutableLookup.find(name, path: path), "\(name) is not installed")
        return try Self.start(
            ["/usr/bin/nsenter", "--target=\(holder.pid)", "--net", "--mount", program] + arguments,
            log: directory("\(name).log"))
    }

    private static func start(_ words: [String], log: String) throws -> ReapedProcess {
        let path = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        return try ReapedProcess(ProcessCommand(words[0], Array(words.dropFirst()), environment: path), log: log)
    }

    private static func namespace(of pid: pid_t) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/mnt")
    }

    /// The ends of the daemons' logs, for whoever has to find out why.
    private var logEnd: String {
        ["dockerd.log", "containerd.log"].map { name in
            let lines = ((try? directory.text(name)) ?? "").split(separator: "\n").suffix(15)
            return "--- \(name):\n" + lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    // MARK: - The end

    /// Processes that have to do with it: daemons, monitors, and what runs in containers.
    private func processes() -> [pid_t] {
        let path = Array(directory.path.utf8)
        let names = (try? Directory.names(in: Directory.open("/proc"))) ?? []
        return names.compactMap { pid_t($0) }.filter { pid in
            guard pid != getpid(), HostProcess.isAlive(pid) else { return false }
            return ["mountinfo", "cmdline"].contains { file in
                let bytes = try? Descriptor(opening: "/proc/\(pid)/\(file)", flags: O_RDONLY).readAll(limit: 1 << 20)
                return bytes?.firstRange(of: path) != nil
            }
        }
    }

    private func killAll(except kept: [pid_t]) throws {
        try blockUntil("its processes have ended") {
            let left = processes().filter { !kept.contains($0) }
            for pid in left { kill(pid, SIGKILL) }
            return left.isEmpty
        }
    }

    /// Monitors that are killed leave their sockets behind.
    private func removeSockets() {
        let tasks = directory("containerd-state/io.containerd.runtime.v2.task/moby")
        for task in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
            let address = (try? String(contentsOfFile: "\(tasks)/\(task)/address", encoding: .utf8)) ?? ""
            if address.hasPrefix("unix:///run/containerd/s/") { unlink(String(address.dropFirst("unix://".count))) }
        }
    }

    private func end() {
        do {
            try? endDaemon(SIGTERM)
            try? crash()
            holder.signal(SIGKILL)
            try holder.waitForEnd()
            try killAll(except: [])
            try blockUntil("its control groups are gone") {
                let script =
                    "find /sys/fs/cgroup -depth -type d -path '*/\(controlGroup)*' -exec rmdir {} + 2>/dev/null; true"
                try HostProcess.shell(script)
                return try HostProcess.shell("find /sys/fs/cgroup -type d -name '\(controlGroup)'").output.text.isEmpty
            }
        } catch {
            Issue.record("left behind: \(directory.path): \(error)")
        }
    }
}
