import PhjobCore

/// What the torture has hit, in numbers.
struct Census: Sendable {
    private var kills: [String: Int] = [:]
    private var stages: [RecordStage: Int] = [:]
    private var outcomes: [String: Int] = [:]

    /// A runner was ended while jobs stood as `stages` says.
    mutating func count(_ round: RoundPlan, _ stages: some Sequence<RecordStage>) {
        let moment =
            switch round.moment {
            case .afterStart: "during its start"
            case .afterAnswer: "at any moment"
            case .afterSubmission: "after a submission"
            case .afterProgress: "after jobs have ended"
            }
        let ending =
            switch round.ending {
            case .kill: "SIGKILL"
            case .killWithClients: "SIGKILL with clients"
            case .terminate: "SIGTERM"
            case .terminateThenKill: "SIGTERM then SIGKILL"
            }
        kills["\(ending) \(moment)", default: 0] += 1
        for stage in stages { self.stages[stage, default: 0] += 1 }
    }

    mutating func count(_ job: Sighting) { outcomes["\(job.phase.rawValue)/\(job.reason.rawValue)", default: 0] += 1 }

    var lines: [String] {
        let stages = RecordStage.allCases.compactMap { stage in
            self.stages[stage].flatMap { stage == .done ? nil : "\($0) \(stage.rawValue)" }
        }
        return [
            "runners ended: " + Self.list(kills), "jobs caught: " + stages.joined(separator: ", "),
            "jobs ended: " + Self.list(outcomes),
        ]
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
