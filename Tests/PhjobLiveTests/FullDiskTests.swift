import Foundation
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
            defer {
                _ = try? phjob("runner", "stop")
                _ = try? HostProcess.shell("umount -l \(state)")
            }

            let whole = try phjob.end(of: phjob.submit("echo whole"))
            #expect(whole.log.incomplete == nil)
            let id = try phjob.submit("yes $(printf %080d 0) | head -n 200000; exit 7")
            let job = try phjob.end(of: id)
            #expect(job.phase == .failed && job.exitCode == 7, "\(job.phase) \(job.message)")
            let disk = try HostProcess.shell("df -k \(state); ls -la \(state) \(state)/jobs/\(id)").output.text
            try #require(job.log.incomplete == "the disk was full", "\(disk)")
            // What was written can be read. A record is cut off where the disk was full: the last, and one before it for
            // each page that phjob's own files gave back meanwhile; what the monitor wrote next is glued to it.
            let log = try phjob.log(id)
            let lines = log.text.split(separator: "\n")
            let torn = lines.filter { $0 != String(repeating: "0", count: 80) }
            #expect(lines.count > 10_000 && torn.count < lines.count / 100, "\(torn.count) of \(lines.count)")
            #expect(torn.allSatisfy { $0.allSatisfy { "0123456789-:.TZ+ stdouF".contains($0) } }, "\(torn)")
            #expect(log.errors.contains("the disk was full"))

            // A record may have found room yet; then the job waits for more.
            let next = try phjob("submit", "--", "exit 8")
            let waiting = JobID(next.text.trimmingCharacters(in: .newlines))
            if let waiting {
                let view = try phjob.get(waiting)
                #expect(view.phase == .pending && view.reason == .waitingForSpace && view.message.contains(state))
            } else {
                #expect(next.status == 1 && next.errors.contains("make room on the disk of \(state)"), "\(next.errors)")
            }
            for name in ["log", "log.head"] { truncate(phjob.directory("state/jobs/\(id)/\(name)"), 0) }
            #expect(try phjob.end(of: waiting ?? phjob.submit("exit 8")).exitCode == 8)
            #expect(try phjob.get(id).log.incomplete == "the disk was full")
            try LivePhjob.poll("no container is left") { try phjob.containers().isEmpty }
            #expect(try phjob("runner", "stop").status == 0)
        }
    }
}
