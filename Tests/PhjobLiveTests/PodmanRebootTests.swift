import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// The machine is restarted: podman keeps its disk and forgets all else, and the kernel has another boot id.
@Suite(.enabled(if: LiveEngine.all.contains(.podman), "podman is not wanted, or does not answer"))
struct PodmanRebootTests {
    @Test func runningJobsAreLostAndNotRunAgain() async throws {
        try await LivePhjob.with(.podman, blocking: true) { phjob in
            try PrivatePodman.with(phjob) { podman in
                let id = try phjob.submit("echo ran >>/project/lab/ran; exec sleep 3600")
                try phjob.wait(for: .running, of: id)
                try blockUntil("it has begun") { phjob.directory.status("volume/ran") != nil }
                try phjob.killRunner()
                try podman.reboot()
                try phjob.directory.write("00000000-0000-4000-8000-000000000000\n", to: "boot")
                let start = "mount --bind boot /proc/sys/kernel/random/boot_id && exec \"$PHJOB\" runner start"
                let output = try phjob.shell("cd '\(phjob.directory.path)' && unshare --mount sh -c '\(start)'")
                try #require(output.status == 0, "\(output.errors)")
                let job = try phjob.end(of: id)
                #expect(job.phase == .unknown && job.reason == .nodeLost, "\(job.message)")
                #expect(try phjob.end(of: phjob.submit("true")).phase == .succeeded)
                #expect(try phjob.directory.text("volume/ran") == "ran\n")
                try LivePhjob.poll("all containers are removed") {
                    try podman.call("ps --all --quiet").lines.isEmpty
                }
            }
        }
    }
}
