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

    /// docker's root would follow a link that someone makes between the check and the mount.
    @Test("A runner for everybody mounts nothing by a way that others can change, but for the job's own directories")
    func changeableByOthers() throws {
        let directory = try TemporaryDirectory()
        for name in ["jobs/j/home", "volume/cache"] { try Directory.create(directory(name)) }
        let files = ContainerRequest.Files(
            home: directory("jobs/j/home"), temporary: "/s/tmp", launcher: "/s/run", mark: "/s/run/began",
            passwd: "/s/passwd", group: "/s/group", log: "/s/log", pid: "/s/pid")
        var spec = SampleJob.spec()
        spec.volume = directory("volume")
        let job = SampleJob.job(spec: spec)
        var request = ContainerRequest(for: job, imageID: "00", stateID: "s", files: files)
        let before = request.mounts.count
        let mounts = ImageVolumeMounts(job: job, jobDirectory: directory("jobs/j"), mode: .system)
        let refusal = #expect(throws: ImageVolumeMounts.Refusal.self) {
            try mounts.add(["/project/research/cache"], to: &request)
        }
        #expect(refusal?.message.contains("use podman, which leaves it out") == true)
        #expect(request.mounts.count == before)
        try mounts.add(["/home/jovyan/work"], to: &request)
        #expect(request.mounts.last?.source == directory("jobs/j/home/work"))
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
