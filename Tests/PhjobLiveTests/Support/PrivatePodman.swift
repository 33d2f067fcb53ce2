import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// A stand-in before the real podman on `PATH`, which keeps all it has on a small disk of its own.
///
/// Images are those of the machine's podman.
struct PrivatePodman {
    let disk: String
    private let phjob: LivePhjob
    private let podman: String

    /// Writes the stand-in and makes the disk, of 64 MiB; the fixture's environment has its directory first on `PATH`.
    private init(_ phjob: LivePhjob) throws {
        self.phjob = phjob
        disk = phjob.directory("disk")
        podman = phjob.directory("bin/podman")
        let path = LiveEngine.environment["PATH"] ?? "/usr/bin:/bin"
        let real = try #require(ExecutableLookup.find(LiveEngine.podman.rawValue, path: path))
        let images = try #require(LiveEngine.podman.call("info", "--format={{.Store.GraphRoot}}").lines.first)
        for name in ["disk", "bin"] { try Directory.create(phjob.directory(name)) }
        // Before the next launch of a job the disk is filled to its last byte, if `fill` is there.
        let script = """
            #!/bin/sh
            disk='\(disk)'
            if [ "$1" = run ] && mv "$disk.fill" "$disk.filled" 2>/dev/null; then
                dd if=/dev/zero of="$disk/full" bs=1M
                dd if=/dev/zero of="$disk/fuller" bs=1k
            fi 2>/dev/null
            export CONTAINERS_CONF="$disk.conf"
            exec '\(real)' --root="$disk/root" --runroot="$disk/run" --tmpdir="$disk/tmp" --storage-driver=overlay \\
                --storage-opt=overlay.imagestore='\(images)' "$@"
            """
        try phjob.directory.write(script, to: "bin/podman", mode: 0o755)
        // Its locks lie beside its other temporary files, apart from those of the machine's podman.
        let settings = try LiveEngine.environment["CONTAINERS_CONF"].map {
            try String(contentsOfFile: $0, encoding: .utf8)
        }
        var lines = (settings ?? "").split(separator: "\n").map(String.init)
        if !lines.contains("[engine]") { lines.append("[engine]") }
        let text = lines.map { $0 == "[engine]" ? "[engine]\nlock_type = \"file\"\n" : "\($0)\n" }.joined()
        try phjob.directory.write(text, to: "disk.conf")
        try run("truncate -s 64M '\(disk).image' && mkfs.ext4 -q -m 0 '\(disk).image'")
        try mount()
    }

    /// Runs `body`, then removes all containers and the disk.
    static func with(_ phjob: LivePhjob, _ body: (PrivatePodman) throws -> Void) throws {
        let podman = try PrivatePodman(phjob)
        defer { podman.end() }
        try body(podman)
    }

    /// Fills the disk in the middle of the next launch of a job.
    func fillAtNextLaunch() throws { try phjob.directory.write("", to: "disk.fill") }

    func makeRoom() { for name in ["full", "fuller"] { unlink("\(disk)/\(name)") } }

    /// Leaves what a reboot leaves: no process, no mount, nothing of what lies in memory.
    func reboot() throws {
        let monitors = HostProcess.entries { $0.first?.hasSuffix("conmon") == true && $0.contains("\(disk)/run") }
        let children = monitors.flatMap { ProcessTable.children(of: $0.pid) }
        // The monitors first: none lives to write down how its container ended.
        for process in monitors + children { process.kill() }
        try unmount()
        try mount()
        try run("rm -rf '\(disk)/run' '\(disk)/tmp'")
    }

    func call(_ arguments: String) throws -> Output { Output(try HostProcess.shell("'\(podman)' \(arguments)")) }

    private func mount() throws { try run("mount -o loop '\(disk).image' '\(disk)'") }

    private func unmount() throws {
        try blockUntil("the disk is not in use") { try HostProcess.shell("umount --recursive '\(disk)'").isSuccess }
    }

    private func run(_ script: String) throws {
        let result = try HostProcess.shell(script)
        try #require(result.isSuccess, "\(script): \(result.errors.text)")
    }

    private func end() {
        makeRoom()
        do {
            // The runner goes first: its clients keep the disk in use.
            try phjob("runner", "stop")
            _ = try call("rm --all --force --time=0")
            // Whoever starts a runner now, gets the machine's.
            try #require(unlink(podman) == 0)
            try unmount()
        } catch {
            Issue.record("the disk of a test stays: \(error)")
        }
    }
}
