import Glibc
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("Volumes of images")
struct ImageVolumeTests {
    private static func volumes(_ paths: String...) -> String {
        "VOLUMES='{" + paths.map { "\"\($0)\": {}" }.joined(separator: ", ") + "}'"
    }

    @Test("docker gets the mount's own directory over each volume that would hide it")
    func covered() async throws {
        try await withRunner(.on(.docker)) { runner in
            let world = runner.world
            try Directory.create(world.directory("volume/cache"))
            try world.engine.rule(
                "image-inspect",
                Self.volumes("/project/lab/cache", "/project/lab/new/one", "/home/jovyan/work", "/data", "/project/lab")
            )
            let id = try runner.submit("true")
            #expect(try runner.waitForEnd(id).phase == .succeeded)
            let mounts = world.engine.lines("mounts")
            let home = "\(world.statePath)/jobs/\(id)/home"
            let expected = [
                "\(world.directory("volume"))/cache,dst=/project/lab/cache",
                "\(world.directory("volume"))/new/one,dst=/project/lab/new/one", "\(home)/work,dst=/home/jovyan/work",
            ]
            for mount in expected { #expect(mounts.contains { $0.hasPrefix("type=bind,src=\(mount)") }, "\(mounts)") }
            #expect(!mounts.contains { $0.contains("/data") })
            // The directory was made, as the engine would not.
            #expect(world.directory.status("volume/new/one") != nil)
        }
    }

    @Test(
        "What a link would lead elsewhere, or cannot be written in a mount, is refused",
        arguments: ["link/x", "a,src=b"])
    func refused(_ path: String) async throws {
        try await withRunner(.on(.docker)) { runner in
            let world = runner.world
            symlink("/etc", world.directory("volume/link"))
            try world.engine.rule("image-inspect", Self.volumes("/project/lab/\(path)"))
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect((view.phase, view.reason) == (.failed, .containerFailed))
            #expect(view.message.contains("the volume /project/lab/\(path)"), "\(view.message)")
            #expect(world.engine.calls(of: "run") == 0)
        }
    }

    @Test("podman leaves them out")
    func leftOut() async throws {
        try await withRunner(.on(.podman)) { runner in
            try runner.world.engine.rule("image-inspect", Self.volumes("/project/lab/cache"))
            #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded)
            #expect(!runner.world.engine.lines("mounts").contains { $0.contains("/project/lab/cache") })
        }
    }
}
