/// A job's phase together with what is known in it, and only in it.
package enum JobState: Sendable, Equatable {
    case pending(PendingJob)
    case preparing(PreparingJob)
    case running(RunningJob)
    case ended(EndedJob)

    package var phase: JobPhase {
        switch self {
        case .pending: .pending
        case .preparing: .preparing
        case .running: .running
        case .ended(let ended): ended.outcome.phase
        }
    }
}

/// On disk a state is one flat object: the phase beside the members of what is known in it.
extension JobState: Codable {
    private enum CodingKeys: String, CodingKey {
        case phase
    }

    package init(from decoder: any Decoder) throws {
        switch try decoder.container(keyedBy: CodingKeys.self).decode(JobPhase.self, forKey: .phase) {
        case .pending: self = .pending(try PendingJob(from: decoder))
        case .preparing: self = .preparing(try PreparingJob(from: decoder))
        case .running: self = .running(try RunningJob(from: decoder))
        case .succeeded, .failed, .cancelled, .unknown: self = .ended(try EndedJob(from: decoder))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .pending(let pending):
            try container.encode(JobPhase.pending, forKey: .phase)
            try pending.encode(to: encoder)
        case .preparing(let preparing):
            try container.encode(JobPhase.preparing, forKey: .phase)
            try preparing.encode(to: encoder)
        case .running(let running):
            try container.encode(JobPhase.running, forKey: .phase)
            try running.encode(to: encoder)
        case .ended(let ended): try ended.encode(to: encoder)
        }
    }
}
