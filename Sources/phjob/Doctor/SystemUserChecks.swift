import PhjobAPI
import PhjobCore

/// What an ordinary user sees of a runner that is for everybody: only what that says, as its engine is not theirs to call.
struct SystemUserChecks {
    let client: APIClient

    static func engine(_ status: RunnerStatus) -> [Finding] {
        guard let engine = status.engine else { return [] }
        let cgroup = engine.cgroupVersion.map { "cgroup v\($0)" } ?? "cgroup version unknown"
        var findings = [
            Finding.ok(
                "engine", "\(engine.name) \(engine.version), \(engine.isRootless ? "rootless" : "as root"), \(cgroup)")
        ]
        if !engine.unenforcedLimits.isEmpty {
            findings.append(
                .warning(
                    "limits", "the engine does not enforce: \(engine.unenforcedLimits.joined(separator: ", "))",
                    advice: "an administrator's 'phjob doctor' tells more"))
        }
        return findings
    }

    /// Whether there is anything that this user may run.
    func catalogue() -> Finding {
        do {
            let catalogue = try client.catalogue()
            guard !catalogue.groups.isEmpty else {
                return .failed(
                    "groups", "you are in no group of the catalogue",
                    advice: "ask an administrator to put you into one; a new membership counts at once")
            }
            guard !catalogue.images.isEmpty, !catalogue.instanceTypes.isEmpty else {
                return .failed(
                    "catalogue", "there is no image or no instance type that your groups may use",
                    advice: "ask an administrator to add them")
            }
            return .ok("groups", catalogue.groups.map(\.name).joined(separator: ", "))
        } catch {
            return .failed("catalogue", "\(error)", advice: "see 'phjob runner status'")
        }
    }
}
