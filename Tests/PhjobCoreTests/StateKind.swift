import Testing

@testable import PhjobCore

/// The states of the state machine, told apart by everything that its decisions look at.
enum StateKind: Hashable, CustomTestStringConvertible {
    case pending
    case unlaunched(StopIntent.Kind?)
    case launched(StopIntent.Kind?)
    case running(StopIntent.Kind?)
    case ended(JobPhase, cleanedUp: Bool, logExpired: Bool)

    static let all: [StateKind] =
        [.pending, .unlaunched(nil), .unlaunched(.cancel), .launched(nil), .launched(.cancel)]
        + [.running(nil), .running(.cancel), .running(.deadline), .running(.scratchLimit)]
        + JobPhase.allCases.filter(\.isFinal).flatMap { phase in
            [false, true].flatMap { cleanedUp in
                [false, true].map { .ended(phase, cleanedUp: cleanedUp, logExpired: $0) }
            }
        }

    var state: JobState {
        switch self {
        case .pending: .pending(PendingJob())
        case .unlaunched(let kind): Sample.preparing(launched: false, intent: Self.intent(kind))
        case .launched(let kind): Sample.preparing(launched: true, intent: Self.intent(kind))
        case .running(let kind): Sample.running(Self.intent(kind))
        case .ended(let phase, let cleanedUp, let logExpired):
            Sample.ended(phase, cleanedUp: cleanedUp, logExpired: logExpired)
        }
    }

    var testDescription: String {
        switch self {
        case .pending: "pending"
        case .unlaunched(let intent): "preparing, not launched, \(intent?.rawValue ?? "no intent")"
        case .launched(let intent): "preparing, launched, \(intent?.rawValue ?? "no intent")"
        case .running(let intent): "running, \(intent?.rawValue ?? "no intent")"
        case .ended(let phase, let cleanedUp, let logExpired):
            "\(phase.rawValue)\(cleanedUp ? ", cleaned up" : "")\(logExpired ? ", log expired" : "")"
        }
    }

    static func intent(_ kind: StopIntent.Kind?) -> StopIntent? {
        switch kind {
        case .cancel: Sample.cancel
        case .deadline: Sample.deadline
        case .scratchLimit: Sample.scratchLimit
        case nil: nil
        }
    }
}
