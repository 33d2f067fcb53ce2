package import Glibc
import PhjobEngine
package import PhjobSystem
package import PhjobTestSupport

/// The scripted engine of `Fixtures/fake-engine`, installed in a directory of a test's own.
package final class FakeEngine: Sendable {
    package let directory: TemporaryDirectory
    package let binaries: String
    package let root: String
    private let daemon: ReapedProcess
    /// What the daemon reads from; held open, so that nothing is lost that is written before it does.
    private let pipe: Descriptor

    private static let source: String = {
        let file = #filePath
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        return "/\(folder)/Fixtures/fake-engine"
    }()

    package init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        binaries = directory("bin")
        root = directory("engine")
        for name in ["bin", "engine"] + ["images", "files", "containers", "rules", "gates"].map({ "engine/\($0)" }) {
            try Directory.create(directory(name))
        }
        for name in EngineName.allCases { symlink(Self.source, "\(binaries)/\(name.rawValue)") }
        mkfifo("\(root)/daemon", 0o600)
        pipe = try Descriptor(opening: "\(root)/daemon", flags: O_RDWR)
        let command = ProcessCommand("/bin/bash", [Self.source, "__daemon"], environment: Self.environment(root))
        daemon = try ReapedProcess(command, log: "\(root)/daemon.log")
        try addImage("localhost/minimal:latest")
        try directory.write("root:x:0:0:root:/root:/bin/sh\n", to: "engine/files/%etc%passwd")
        try directory.write("", to: "engine/files/%bin%sh")
        try directory.write("root:x:0:\n", to: "engine/files/%etc%group")
        try directory.write("#!\n", to: "engine/files/%bin%sh")
    }

    package static func environment(_ root: String) -> [String: String] {
        ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "FAKE_ENGINE_ROOT": root]
    }

    /// Ends all containers, and waits for that.
    package func end() throws {
        try pipe.write(Array("quit\n".utf8))
        try daemon.waitForEnd(within: patience, "the engine and its containers have ended")
        // A client whose runner was killed may wait for a daemon that is no more.
        for client in HostProcess.mentioning(binaries) { kill(client.pid, SIGKILL) }
    }

    package func addImage(_ reference: String, id: String = String(repeating: "ab", count: 32)) throws {
        try directory.write(id, to: "engine/images/\(Self.escaped(reference))")
    }

    package func removeImage(_ reference: String) {
        unlink("\(root)/images/\(Self.escaped(reference))")
    }

    /// Replaces the file that tells that images have changed; as long as there is none, nothing tells.
    package func changeImageList() throws {
        for folder in ["fake-images", "image/fake"] {
            try Directory.create("\(root)/\(folder)")
            let directory = try Directory.open("\(root)/\(folder)")
            for name in ["images.json", "repositories.json"] { try AtomicFile.write([], to: name, in: directory) }
        }
    }

    private static func escaped(_ reference: String) -> String {
        reference.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "%")
    }

    /// Runs `script` before each call of a verb from now on; `any` is all verbs.
    package func rule(_ verb: String, _ script: String) throws {
        try directory.write(script + "\n", to: "engine/rules/.new")
        rename("\(root)/rules/.new", "\(root)/rules/\(verb)")
    }

    /// Runs `script` before the next call of a verb.
    package func once(_ verb: String, _ script: String) throws { try rule("\(verb).once", script) }

    package func removeRule(_ verb: String) { unlink("\(root)/rules/\(verb)") }

    /// A place where calls wait: `gate <name>` in a rule.
    package func makeGate(_ name: String) -> Gate {
        mkfifo("\(root)/gates/\(name)", 0o600)
        return Gate(fifo: "\(root)/gates/\(name)", waiting: "\(root)/waiting.\(name)")
    }

    package struct Gate: Sendable {
        fileprivate let fifo: String
        fileprivate let waiting: String

        /// Waits until a call waits here; gives its process.
        @discardableResult
        package func awaitCall() throws -> pid_t {
            var pid: pid_t?
            try blockUntil("a call waits at \(fifo)") {
                let bytes = try? Descriptor(opening: waiting, flags: O_RDONLY).readAll(limit: 1 << 16)
                pid = bytes.flatMap {
                    String(decoding: $0, as: UTF8.self).split(separator: "\n").last.flatMap { pid_t($0) }
                }
                return pid != nil
            }
            return pid ?? 0
        }

        /// Lets everybody through until the result is gone.
        package func open() throws -> Descriptor { try Descriptor(opening: fifo, flags: O_RDWR) }
    }

    /// Lines of `calls` or `events`.
    package func lines(_ name: String) -> [String] {
        ((try? directory.text("engine/\(name)")) ?? "").split(separator: "\n").map(String.init)
    }

    package func calls(of verb: String) -> Int {
        lines("calls").count { $0.split(separator: " ").dropFirst().first == verb[...] }
    }

    /// Renames a container, as `podman rename` does.
    package func renameContainer(_ name: String, to other: String) throws {
        try directory.write(other, to: "engine/containers/\(name)/alias")
    }

    /// Adds a container that no runner has made.
    package func addContainer(
        _ name: String, id: String = String(repeating: "5", count: 64), labels: [String] = []
    ) throws {
        let place = "engine/containers/\(name)"
        try Directory.create(directory(place))
        try directory.write(labels.map { $0 + "\n" }.joined(), to: "\(place)/labels")
        try directory.write(id, to: "\(place)/id")
        let start = "2026-01-01T00:00:00Z"
        try directory.write("exited 0 0 \(start) \(start)\n", to: "\(place)/state")
    }

    package var containers: [String] { (try? directory.names("engine/containers")) ?? [] }

    /// What a rule says to end the call as an engine that is not there.
    package static let unreachable = "echo 'Cannot connect to the daemon' >&2; exit 125"
}
