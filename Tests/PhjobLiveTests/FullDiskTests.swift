import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// A job prints more than the disk of its log has room for.
@Suite struct FullDiskTests {
    /// podman's monitor drops what it cannot write, and tells nobody; docker's logs lie on a disk of its own.
    @Test(
        .enabled(if: HostProcess.isRoot, "mounting needs root"),
        arguments: LiveEngine.all.filter { $0 == .podman })
    func logDisk(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let state = phjob.directory("state")
            try Directory.create(state)
            let mounted = try HostProcess.shell("mount -t tmpfs -o size=8m,mode=700 phjob-test \(state)")
            try #require(mounted.isSuccess, "\(mounted.errors.text)")
            defer { _ = try? HostProcess.shell("umount -l \(state)") }

            let whole = try phjob.end(of: phjob.submit("echo whole"))
            #expect(whole.log.incomplete == nil)
            let id = try phjob.submit("yes $(printf %080d 0) | head -n 200000; exit 7")
            let job = try phjob.end(of: id)
            #expect(job.phase == .failed && job.exitCode == 7, "\(job.phase) \(job.message)")
            try #require(job.log.incomplete == "the disk was full")
            // What was written can be read, to the last record, which is cut off.
            let log = try phjob.log(id)
            let lines = log.text.split(separator: "\n")
            #expect(lines.count > 10_000 && lines.dropLast().allSatisfy { $0.count == 80 })
            #expect(log.errors.contains("the disk was full"))

            let refused = try phjob("submit", "--", "true")
            #expect(refused.status == 1 && refused.text.isEmpty)
            #expect(refused.errors.contains("make room on the disk of \(state)"), "\(refused.errors)")
            for name in ["log", "log.head"] { truncate(phjob.directory("state/jobs/\(id)/\(name)"), 0) }
            #expect(try phjob.end(of: phjob.submit("exit 8")).exitCode == 8)
            #expect(try phjob.get(id) == job)
            try LivePhjob.poll(within: 30, "no container is left") { try phjob.containers().isEmpty }
            #expect(try phjob("runner", "stop").status == 0)
        }
    }
}
