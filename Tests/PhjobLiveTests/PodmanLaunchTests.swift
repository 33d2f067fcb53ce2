import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// A client of podman that dies while it launches, and what it leaves that podman does not remove.
@Suite(.enabled(if: LiveEngine.all.contains(.podman), "podman is not wanted, or does not answer"))
struct PodmanLaunchTests {
    @Test(arguments: KilledLaunch.Place.allCases) func clientIsKilled(_ place: KilledLaunch.Place) async throws {
        try await LivePhjob.with(.podman, blocking: true) { phjob in
            _ = try KilledLaunch(phjob, place)
            // It would run on, where nobody could see or stop it.
            let id = try phjob.submit("echo ran >>/project/lab/ran; exec sleep 300")
            let job = try phjob.end(of: id)
            #expect(job.phase == .unknown && job.reason == .launchInterrupted, "\(job.message)")
            #expect(phjob.directory.status("place.used") != nil)
            let ran = (try? phjob.directory.text("volume/ran")) ?? ""
            #expect(ran == (place == .afterStart ? "ran\n" : ""))
            // What was started podman removes itself; of what was only made it knows nothing.
            try LivePhjob.poll(within: 30, "what the launch left is ended") {
                let log = try phjob.directory.text("state/runner.log")
                return Self.processes(of: id).isEmpty && (place == .afterStart || log.contains("leaked-container-ended"))
            }
            #expect(try phjob.containers().isEmpty)
        }
    }

    /// Monitors, and what they have started.
    private static func processes(of id: JobID) -> [ProcessEntry] {
        let monitors = ProcessTable.entries { $0.contains("phjob-\(id)") }
        let parents = Set(monitors.map(\.pid))
        return monitors + ProcessTable.entries { _ in true }.filter { parents.contains($0.parent) }
    }
}
