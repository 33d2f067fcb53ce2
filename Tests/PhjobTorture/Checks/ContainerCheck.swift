import PhjobCore

/// What the engine's list of our containers must agree with.
struct ContainerCheck {
    /// The records while no runner was there, before the engine was asked.
    var stages: [JobID: RecordStage]
    /// What a list showed of the jobs after the engine was asked.
    var jobs: [JobID: Sighting]

    /// What images are read with has this prefix; it goes at the next start of a runner.
    static let imagePrefix = "phjob-image-"

    /// - Parameter names: of all containers with the label of the state directory.
    func violations(in names: [String]) -> [Violation] {
        var found: [Violation] = []
        for name in names where !name.hasPrefix(Self.imagePrefix) {
            guard let id = jobs.keys.first(where: { $0.containerName == name }) else {
                found.append(Violation("the container \(name) has no record"))
                continue
            }
            if stages[id] == .done { found.append(Violation(id, "was cleaned up, and its container is still there")) }
        }
        let present = Set(names)
        for (id, stage) in stages where [.running, .stopping].contains(stage) && !present.contains(id.containerName) {
            if let job = jobs[id], !job.phase.isFinal {
                found.append(Violation(id, "is \(job.phase), and has no container"))
            }
        }
        return found
    }
}
