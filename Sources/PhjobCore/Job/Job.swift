/// The record of one job: what was asked for, where it stands, and how it got there.
///
/// The only way to change a job is ``handle(_:at:)``.
package struct Job: Sendable, Equatable {
    package let id: JobID
    package let spec: JobSpec
    package let createTime: Timestamp
    package internal(set) var state: JobState
    /// Every phase that the job has been in, oldest first.
    package internal(set) var history: [PhaseChange]

    /// One entry of the history.
    package struct PhaseChange: Sendable, Equatable, Codable {
        package let phase: JobPhase
        package let reason: JobReason
        package let time: Timestamp
    }

    /// A new job, which waits.
    package init(id: JobID, spec: JobSpec, createTime: Timestamp) {
        self.id = id
        self.spec = spec
        self.createTime = createTime
        state = .pending(PendingJob())
        history = [PhaseChange(phase: .pending, reason: .waitingForTurn, time: createTime)]
    }

    package var phase: JobPhase { state.phase }

    package var startTime: Timestamp? {
        switch state {
        case .pending, .preparing: nil
        case .running(let running): running.startTime
        case .ended(let ended): ended.startTime
        }
    }

    package var finishTime: Timestamp? {
        guard case .ended(let ended) = state else { return nil }
        return ended.finishTime
    }

    /// The GPUs that the job holds now.
    package var heldGPUs: [GPU] {
        switch state {
        case .pending, .ended: []
        case .preparing(let preparing): preparing.gpus
        case .running(let running): running.gpus
        }
    }

    /// Whether the job takes its instance type's share of the node.
    package var holdsResources: Bool {
        switch state {
        case .pending, .ended: false
        case .preparing, .running: true
        }
    }

    /// What a person asked of this job while it was being prepared or was running.
    package var intent: StopIntent? {
        switch state {
        case .pending, .ended: nil
        case .preparing(let preparing): preparing.intent
        case .running(let running): running.intent
        }
    }
}

extension Job: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, createTime, spec, status, history
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(JobID.self, forKey: .id)
        createTime = try container.decode(Timestamp.self, forKey: .createTime)
        spec = try container.decode(JobSpec.self, forKey: .spec)
        state = try container.decode(JobState.self, forKey: .status)
        history = try container.decode([PhaseChange].self, forKey: .history)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(createTime, forKey: .createTime)
        try container.encode(spec, forKey: .spec)
        try container.encode(state, forKey: .status)
        try container.encode(history, forKey: .history)
    }
}
