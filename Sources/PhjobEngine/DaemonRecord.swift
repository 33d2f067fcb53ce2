import FoundationEssentials
import Glibc
package import PhjobCore
package import PhjobSystem

/// What docker's daemon notes of a container on its own disk, for whoever may read that.
///
/// `config.v2.json` is replaced by rename before the client of a launch returns, and again when the container has ended and
/// its log is closed (moby, `daemon/start.go`, `daemon/monitor.go`, `container/container.go`). Its form is the daemon's own
/// affair: whatever is not as expected is no answer, and the client is asked.
package struct DaemonRecord: ExitNotice, Equatable {
    /// `<root of the daemon>/containers/<id>`.
    private let directory: String
    private let containerID: String

    package init(containers directory: String, containerID: String) {
        self.directory = "\(directory)/\(containerID)"
        self.containerID = containerID
    }

    /// What is noted now; nil if it cannot be read, or is none of this container.
    package func read() -> ContainerInspection? {
        let path = "\(directory)/config.v2.json"
        guard let file = try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK), file.isOursOrRoots,
            let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG,
            let bytes = try? file.readAll(limit: 4 << 20),
            let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)), content.ID == containerID
        else { return nil }
        return content.inspection
    }

    package func wait(until deadline: Monotonic) -> ContainerExit? {
        wait(in: directory, until: deadline) { read().flatMap { $0.isEnded ? $0.exit : nil } }
    }

    /// The container's log; nil if there is none that can be read, as with another log driver.
    package var log: DaemonLog? { DaemonLog(directory: directory, name: "\(containerID)-json.log") }

    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct Content: Decodable {
        struct RunState: Decodable {
            var Running: Bool
            var Paused: Bool
            var Restarting: Bool
            var OOMKilled: Bool
            var RemovalInProgress: Bool
            var Dead: Bool
            var Pid: Int32
            var ExitCode: Int32
            var Error: String?
            var StartedAt: String
            var FinishedAt: String
        }
        struct Settings: Decodable { var Labels: [String: String]? }

        var ID: String
        var Name: String
        var State: RunState
        var Config: Settings

        var inspection: ContainerInspection {
            let startTime = ContainerInspection.time(State.StartedAt)
            return ContainerInspection(
                id: ID, name: Name.hasPrefix("/") ? String(Name.dropFirst()) : Name, labels: Config.Labels ?? [:],
                status: status(startTime), pid: State.Pid, exitCode: State.ExitCode, outOfMemory: State.OOMKilled,
                startTime: startTime, finishTime: ContainerInspection.time(State.FinishedAt), error: State.Error ?? "")
        }

        /// The word for it that `inspect` would print (moby, `container/state.go`).
        private func status(_ startTime: Timestamp?) -> String {
            if State.Running { return State.Paused ? "paused" : State.Restarting ? "restarting" : "running" }
            if State.RemovalInProgress { return "removing" }
            if State.Dead { return "dead" }
            return startTime == nil ? "created" : "exited"
        }
    }
}
