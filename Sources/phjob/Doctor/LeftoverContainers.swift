import PhjobCore
import PhjobEngine
import PhjobStore

/// Containers of a state directory that no job needs any more.
enum LeftoverContainers {
    /// Seconds after a job's end within which its container is usually removed.
    private static let removalTime: Int64 = 600

    /// - Parameters:
    ///   - names: the names of all containers of the state directory.
    ///   - job: the record of a job; `nil` if there is none that can be read.
    /// - Returns: a line for each container that is left over, in order.
    static func lines(_ names: Set<String>, now: Timestamp, job: (JobID) -> Job?) -> [String] {
        names.sorted().compactMap { name in
            // Others exist for moments, while something is read out of an image.
            guard let id = JobID(String(name.trimmingPrefix("phjob-"))), id.containerName == name else { return nil }
            guard let job = job(id) else { return "\(name): there is no record of its job" }
            guard let time = job.finishTime, time.adding(seconds: removalTime) < now else { return nil }
            return "\(name): its job has ended (\(job.phase.rawValue))"
        }
    }

    /// - Returns: `nil` if there are none, or the engine does not tell.
    static func finding(_ engine: Engine, _ layout: StateLayout, now: Timestamp) -> Finding? {
        guard let stateID = JobStore.stateID(of: layout), let names = try? engine.names(stateID: stateID) else {
            return nil
        }
        let lines = lines(names, now: now) { JobStore.record($0, of: layout)?.job }
        guard !lines.isEmpty else { return nil }
        return .warning(
            "leftovers", (["containers that no job needs any more:"] + lines).joined(separator: "\n"),
            advice: "remove them with '\(engine.facts.name.rawValue) rm --force --volumes NAME'")
    }
}
