import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// A client of podman that dies while it launches, and what it leaves that podman does not remove.
@Suite(.enabled(if: LiveEngine.all.contains(.podman), "podman is not wanted, or does not answer"))
struct PodmanLaunchTests {
    @Test func clientsAreKilled() async throws {
        try await LivePhjob.with(.podman, blocking: true) { phjob in
            let launches = try DisturbedLaunches(phjob, SIGKILL)
            // A job that runs on is where nobody could see or stop it.
            let ids = try DisturbedLaunches.Place.allCases.map { _ in
                try phjob.submit("echo ran >>\"/project/lab/$PHJOB_ID\"; exec sleep 3600")
            }
            for id in ids {
                let job = try phjob.end(of: id)
                #expect(job.phase == .unknown && job.reason == .launchInterrupted, "\(job.message)")
                let place = try launches.place(of: id)
                let ran = (try? phjob.directory.text("volume/\(id)")) ?? ""
                #expect(ran == (place == .afterStart ? "ran\n" : ""))
                // What was started podman removes itself; of what was only made it knows nothing.
                try LivePhjob.poll("what the launch left is ended") {
                    let log = try phjob.directory.text("state/runner.log")
                    return Self.processes(of: id).isEmpty
                        && (place == .afterStart || log.contains("leaked-container-ended job=\(id)"))
                }
            }
            #expect(try phjob.containers().isEmpty)
        }
    }

    /// Nobody else waits for it, and it takes up where it was.
    @Test func clientIsStopped() async throws {
        try await LivePhjob.with(.podman, blocking: true) { phjob in
            let launches = try DisturbedLaunches(phjob, SIGSTOP, at: [.beforeCreate])
            let stopped = try phjob.submit("echo ran >>/project/lab/ran; exit 7")
            try blockUntil("the launch is at the place") { (try? launches.place(of: stopped)) != nil }
            defer { try? launches.proceed(with: stopped) }
            let other = try phjob.end(of: phjob.submit("echo other; exit 6"))
            #expect(other.exitCode == 6, "\(other.message)")
            #expect(try phjob.get(stopped).phase == .preparing)
            #expect(try phjob("runner", "status").status == 0)
            try launches.proceed(with: stopped)
            #expect(try phjob.end(of: stopped).exitCode == 7)
            #expect(try phjob.directory.text("volume/ran") == "ran\n")
        }
    }

    /// Monitors, and what they have started.
    private static func processes(of id: JobID) -> [ProcessEntry] {
        let monitors = HostProcess.entries { $0.contains("phjob-\(id)") }
        return monitors + monitors.flatMap { ProcessTable.children(of: $0.pid) }
    }
}
