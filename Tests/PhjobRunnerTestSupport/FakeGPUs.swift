package import Glibc
import PhjobSystem
import PhjobTestSupport

/// GPUs as `nvidia-smi` tells of them, where there are none: the script `Fixtures/fake-nvidia-smi` beside a fake engine.
package final class FakeGPUs: Sendable {
    /// Somebody's process on a GPU.
    package struct OnGPU: Sendable {
        let uuid: String
        let pid: pid_t

        package init(_ uuid: String, _ pid: pid_t) {
            self.uuid = uuid
            self.pid = pid
        }
    }

    private let engine: FakeEngine

    private static let source: String = {
        let file = #filePath
        return "/\(file.split(separator: "/").dropLast().joined(separator: "/"))/Fixtures/fake-nvidia-smi"
    }()

    /// - Parameter uuids: of the GPUs, in the order of their indices.
    package init(in world: World, _ uuids: [String] = ["GPU-a", "GPU-b"]) throws {
        engine = world.engine
        try Directory.create("\(engine.root)/gpus")
        try set(uuids)
        try set([OnGPU]())
        symlink(Self.source, "\(engine.binaries)/nvidia-smi")
    }

    package func set(_ uuids: [String]) throws {
        try write(uuids.enumerated().map { "\($0), \($1), Tesla T4, 15360" }, to: "devices")
    }

    package func set(_ processes: [OnGPU]) throws {
        try write(processes.map { "\($0.uuid), \($0.pid)" }, to: "processes")
    }

    /// Runs `script` before each answer from now on; nil for nothing.
    package func rule(_ script: String?) throws {
        guard let script else {
            unlink("\(engine.root)/gpus/rule")
            return
        }
        try write([script], to: "rule")
    }

    /// Takes the tool away, as a driver's removal does.
    package func remove() { unlink("\(engine.binaries)/nvidia-smi") }

    /// How often it was asked which GPUs there are.
    package var looks: Int { engine.lines("gpus/calls").count { $0.hasPrefix("--query-gpu=") } }

    private func write(_ lines: [String], to name: String) throws {
        // Never seen half written.
        try engine.directory.write(lines.map { $0 + "\n" }.joined(), to: "engine/gpus/.new")
        rename("\(engine.root)/gpus/.new", "\(engine.root)/gpus/\(name)")
    }
}
