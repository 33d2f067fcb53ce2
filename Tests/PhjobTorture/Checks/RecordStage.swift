import PhjobCore

/// How far a job has come by its record, more finely than its phase tells.
enum RecordStage: String, Sendable, CaseIterable, Comparable {
    case pending
    case preparing
    /// The engine has been asked, or is about to be, to start the container.
    case launching
    case running
    /// Running, and to be stopped.
    case stopping
    /// Ended, and its log or its container not seen to yet.
    case cleaningUp = "cleaning up"
    case done

    init(_ job: Job) {
        switch job.state {
        case .pending: self = .pending
        case .preparing(let preparing): self = preparing.launch == nil ? .preparing : .launching
        case .running(let running): self = running.intent == nil ? .running : .stopping
        case .ended(let ended): self = ended.isCleanedUp ? .done : .cleaningUp
        }
    }

    static func < (left: RecordStage, right: RecordStage) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}
