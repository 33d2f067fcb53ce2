@testable import PhjobCore

/// The events of the state machine, one sample of each.
enum EventKind: String, CaseIterable {
    case recovered
    case admitted
    case foundUnschedulable
    case prepared
    case preparationFailed
    case started
    case processesKilled
    case launchFailed
    case launchNotBegun
    case launchUncertain
    case exited
    case lost
    case cancelRequested
    case deadlinePassed
    case scratchLimitPassed
    case queueingChanged
    case logCollected
    case cleanedUp
    case logExpired

    /// The kind of an event. A new case of ``JobEvent`` does not compile here until it has a kind, and so a row of the table.
    init(_ event: JobEvent) {
        self =
            switch event {
            case .recovered: .recovered
            case .admitted: .admitted
            case .foundUnschedulable: .foundUnschedulable
            case .prepared: .prepared
            case .preparationFailed: .preparationFailed
            case .started: .started
            case .processesKilled: .processesKilled
            case .launchFailed: .launchFailed
            case .launchNotBegun: .launchNotBegun
            case .launchUncertain: .launchUncertain
            case .exited: .exited
            case .lost: .lost
            case .cancelRequested: .cancelRequested
            case .deadlinePassed: .deadlinePassed
            case .scratchLimitPassed: .scratchLimitPassed
            case .queueingChanged: .queueingChanged
            case .logCollected: .logCollected
            case .cleanedUp: .cleanedUp
            case .logExpired: .logExpired
            }
    }

    var sample: JobEvent {
        switch self {
        case .recovered: .recovered
        case .admitted: .admitted(gpus: [2, 3])
        case .foundUnschedulable: .foundUnschedulable(message: "too large")
        case .prepared: .prepared(Sample.image, bootID: Sample.bootID)
        case .preparationFailed: .preparationFailed(.imageUnavailable, message: "no such image")
        case .started: .started(EventKind.newContainer, at: Sample.now)
        case .processesKilled: .processesKilled(2)
        case .launchFailed: .launchFailed(.containerFailed, message: "no such mount")
        case .launchNotBegun: .launchNotBegun
        case .launchUncertain: .launchUncertain
        case .exited: .exited(Sample.exit)
        case .lost: .lost(.nodeLost, message: "the host was restarted")
        case .cancelRequested: .cancelRequested(userName: "grace")
        case .deadlinePassed: .deadlinePassed
        case .scratchLimitPassed: .scratchLimitPassed
        case .queueingChanged:
            .queueingChanged(QueueingChange(hold: true, priority: 5), userName: "grace", isByAdministrator: true)
        case .logCollected: .logCollected(incomplete: "the disk was full")
        case .cleanedUp: .cleanedUp(logIncomplete: "the disk was full")
        case .logExpired: .logExpired
        }
    }

    /// Not the container of the samples, so that taking it over shows.
    static let newContainer = ContainerIdentity(id: String(repeating: "d1", count: 32), process: nil, bootID: "other")
}
