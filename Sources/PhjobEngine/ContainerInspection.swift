package import PhjobCore

/// A container as the engine describes it.
package struct ContainerInspection: Sendable, Equatable {
    package var id: String
    /// Without the slash that docker puts before it.
    package var name: String
    package var labels: [String: String]
    package var status: String
    package var pid: Int32
    package var exitCode: Int32
    package var outOfMemory: Bool
    /// Nil for the zero time that the engines write.
    package var startTime: Timestamp?
    package var finishTime: Timestamp?
    /// The engine's own words on why it did not start.
    package var error: String

    /// Whether it ran and has ended. A container that was never started is not ended, whatever its exit code says.
    package var isEnded: Bool { ["exited", "stopped", "dead"].contains(status) }

    /// What it says about an end.
    package var exit: ContainerExit {
        ContainerExit(
            exitCode: exitCode, isEnded: isEnded, startTime: startTime, finishTime: finishTime, outOfMemory: outOfMemory
        )
    }

    /// Whether the engine believes that it runs.
    package var isRunning: Bool { ["running", "paused", "stopping", "removing", "restarting"].contains(status) }
}

extension ContainerInspection: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case name = "Name"
        case state = "State"
        case config = "Config"
    }

    private enum StateKeys: String, CodingKey {
        case status = "Status"
        case pid = "Pid"
        case exitCode = "ExitCode"
        case outOfMemory = "OOMKilled"
        case startTime = "StartedAt"
        case finishTime = "FinishedAt"
        case error = "Error"
    }

    private enum ConfigKeys: String, CodingKey {
        case labels = "Labels"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        let name = try container.decode(String.self, forKey: .name)
        self.name = name.hasPrefix("/") ? String(name.dropFirst()) : name
        let state = try container.nestedContainer(keyedBy: StateKeys.self, forKey: .state)
        status = try state.decode(String.self, forKey: .status)
        pid = try state.decodeIfPresent(Int32.self, forKey: .pid) ?? 0
        exitCode = try state.decodeIfPresent(Int32.self, forKey: .exitCode) ?? 0
        outOfMemory = try state.decodeIfPresent(Bool.self, forKey: .outOfMemory) ?? false
        startTime = Self.time(try state.decodeIfPresent(String.self, forKey: .startTime))
        finishTime = Self.time(try state.decodeIfPresent(String.self, forKey: .finishTime))
        error = try state.decodeIfPresent(String.self, forKey: .error) ?? ""
        let config = try? container.nestedContainer(keyedBy: ConfigKeys.self, forKey: .config)
        labels = try config?.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
    }

    static func time(_ text: String?) -> Timestamp? {
        guard let text, let time = Timestamp(text), time.milliseconds > 0 else { return nil }
        return time
    }
}
