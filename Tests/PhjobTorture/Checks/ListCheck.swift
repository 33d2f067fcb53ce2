import PhjobCore

/// What a list of all jobs must agree with: what was promised, and what was seen before.
struct ListCheck {
    /// The jobs whose submission was answered before the list was asked for.
    var acknowledged: [JobID: JobPlan]
    /// The names of all that was ever sent, answered or not.
    var sent: Set<String>
    /// What earlier lists showed.
    var before: [JobID: Sighting]

    func violations(in now: [Sighting]) -> [Violation] {
        let byID = Dictionary(now.map { ($0.id, $0) }) { first, _ in first }
        let byName = Dictionary(grouping: now, by: \.name)
        var found: [Violation] = []
        for (id, plan) in acknowledged {
            guard let job = byID[id] else {
                found.append(Violation(id, "its submission (\(plan.name)) was acknowledged, and it is not listed"))
                continue
            }
            if job.name != plan.name { found.append(Violation(id, "is listed as \(job.name), not \(plan.name)")) }
        }
        for id in before.keys where byID[id] == nil && acknowledged[id] == nil {
            found.append(Violation(id, "was listed before, and is not any more"))
        }
        for (name, jobs) in byName {
            if jobs.count > 1 {
                found.append(Violation(jobs[1].id, "\(name) was submitted once, and became \(jobs.count) jobs"))
            }
            if !sent.contains(name) { found.append(Violation(jobs[0].id, "\(name) was never submitted")) }
        }
        for job in now {
            found += before[job.id].map { Self.violations(from: $0, to: job) } ?? []
            if !job.phase.isFinal, job.message.isEmpty {
                found.append(Violation(job.id, "gives no reason to be \(job.phase)"))
            }
        }
        return found
    }

    private static func violations(from old: Sighting, to new: Sighting) -> [Violation] {
        if old.phase.isFinal {
            return old.end == new.end ? [] : [Violation(new.id, "its end changed: \(old.end) → \(new.end)")]
        }
        var found: [Violation] = []
        if rank(new.phase) < rank(old.phase) {
            found.append(Violation(new.id, "went back from \(old.phase) to \(new.phase)"))
        }
        if let start = old.startTime, new.startTime != start {
            found.append(Violation(new.id, "its start changed: \(start) → \(new.startTime.map { "\($0)" } ?? "none")"))
        }
        if new.createTime != old.createTime { found.append(Violation(new.id, "its creation changed")) }
        return found
    }

    private static func rank(_ phase: JobPhase) -> Int {
        switch phase {
        case .pending: 0
        case .preparing: 1
        case .running: 2
        case .succeeded, .failed, .cancelled, .unknown: 3
        }
    }
}
