import Foundation
import PhjobAPI
import PhjobSystem
import PhjobTestSupport
import Testing

extension LivePhjob {
    /// Ends the test as skipped where the engine does not keep a limit, such as rootless podman on cgroup v1.
    func requireLimit(_ name: String) throws {
        let unenforced = try engineStatus().unenforcedLimits
        if unenforced.contains(name) { try Test.cancel("\(engine) does not enforce \(name) here") }
    }

    /// What the runner says of its engine, which it looks for while it serves already.
    func engineStatus() throws -> RunnerStatus.Engine {
        _ = try self("runner", "start")
        var engine: RunnerStatus.Engine?
        try Self.poll("the engine is found") {
            engine = try JSONBody.decode(RunnerStatus.self, from: self("runner", "status", "--json").bytes).engine
            return engine != nil
        }
        return try #require(engine)
    }

    /// A program that needs no library: one of the minimal image's, as the machine may have none.
    static func staticProgram() throws -> [UInt8] {
        let engine = try #require(LiveEngine.all.first)
        let container = "phjob-test-\(UInt32.random(in: 0 ... .max))"
        let copy = try TemporaryDirectory()
        try engine.call("create", "--name=\(container)", "--network=none", LiveEngine.image, "/bin/true")
        defer { _ = try? engine.call("rm", "--force", container) }
        try engine.call("cp", "\(container):/bin/busybox", copy("busybox"))
        return try copy.read("busybox")
    }

    /// Makes an image of a few files, without a registry.
    func importImage(of files: [String: [UInt8]], as name: String) throws {
        try Directory.create(directory("image"))
        for (file, bytes) in files { try directory.write(bytes, to: "image/\(file)", mode: 0o755) }
        let archive = directory("image.tar")
        try #require(try HostProcess.shell("tar -C '\(directory("image"))' -cf '\(archive)' .").isSuccess)
        let output = try engine.call("import", archive, name)
        try #require(output.status == 0, "\(output.errors)")
    }
}
