import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// What becomes of jobs whose monitors (conmon) are killed: podman says for ever that they run.
@Suite(.enabled(if: LiveEngine.all.contains(.podman), "podman is not wanted, or does not answer"))
struct PodmanMonitorTests {
    @Test func monitorsAreKilled() async throws {
        try await LivePhjob.with(.podman) { _, catalogue in
            catalogue.limits["stopGraceSeconds"] = .integer(1)
        } _: { phjob in
            let script = "while [ ! -e /project/lab/go ]; do sleep 0.05; done; echo ran >/project/lab/ran"
            let goesOn = try phjob.submit(script)
            let dies = try phjob.submit("exec sleep 3600")
            let cancelled = try phjob.submit("exec sleep 3600")
            let late = try phjob.submit("trap '' TERM; while :; do sleep 0.1; done", "--deadline", "5s")
            for id in [goesOn, dies, cancelled, late] {
                try phjob.wait(for: .running, of: id)
                let monitor = try Self.monitor(of: id)
                if id == dies {
                    // Stopped, it cannot write down how its container ended.
                    kill(monitor.pid, SIGSTOP)
                    for child in ProcessTable.children(of: monitor.pid) { child.kill() }
                }
                monitor.kill()
            }
            try phjob("cancel", cancelled.text)
            #expect(try phjob.get(goesOn).phase == .running)
            try phjob.directory.write("", to: "volume/go")
            for id in [goesOn, dies] {
                let job = try phjob.end(of: id)
                #expect(job.phase == .unknown && job.reason == .containerLost, "\(job.message)")
                #expect(job.exitCode == nil)
                #expect(job.log.incomplete == "the container was lost")
            }
            #expect(try phjob.directory.text("volume/ran") == "ran\n")
            #expect(try phjob.end(of: cancelled).phase == .cancelled)
            #expect(try phjob.end(of: late).reason == .deadlineExceeded)
        }
    }

    private static func monitor(of id: JobID) throws -> ProcessEntry {
        let monitors = HostProcess.entries { $0.first?.hasSuffix("conmon") == true && $0.contains("phjob-\(id)") }
        return try #require(monitors.first)
    }
}
