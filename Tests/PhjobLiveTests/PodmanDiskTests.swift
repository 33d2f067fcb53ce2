import PhjobAPI
import PhjobCore
import PhjobTestSupport
import Testing

/// The disk on which podman keeps containers and their ends is full.
@Suite(.enabled(if: LiveEngine.all.contains(.podman), "podman is not wanted, or does not answer"))
struct PodmanDiskTests {
    @Test func jobsWaitUntilThereIsRoom() async throws {
        try await LivePhjob.with(.podman, blocking: true) { phjob in
            try PrivatePodman.with(phjob) { podman in
                let running = try phjob.submit("while [ ! -e /project/lab/go ]; do sleep 0.05; done")
                try phjob.wait(for: .running, of: running)
                try podman.fillAtNextLaunch()
                let launched = try phjob.submit("echo \"$PHJOB_ID\" >>/project/lab/ran")
                try LivePhjob.poll("the launch waits") {
                    try phjob.get(launched).message.contains("no space left on device")
                }
                let queued = try phjob.submit("echo \"$PHJOB_ID\" >>/project/lab/ran")
                try LivePhjob.poll("the queue waits") { try phjob.get(queued).message.contains("disk") }
                #expect(try phjob.get(launched).phase == .preparing)
                #expect(try phjob.get(queued).phase == .pending)
                // Its end cannot be written down, and podman will never know of it.
                try phjob.directory.write("", to: "volume/go")
                #expect(try phjob.end(of: running).reason == .containerLost)
                podman.makeRoom()
                for id in [launched, queued] { #expect(try phjob.end(of: id).phase == .succeeded) }
                #expect(
                    try phjob.directory.text("volume/ran").split(separator: "\n").sorted()
                        == [launched, queued].map(\.text).sorted().map { $0[...] })
                try LivePhjob.poll("all containers are removed") {
                    try podman.call("ps --all --quiet").lines.isEmpty
                }
            }
        }
    }
}
