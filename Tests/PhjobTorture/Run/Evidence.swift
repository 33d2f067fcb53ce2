import PhjobCore
import PhjobTestSupport

/// What helps to find out why a promise was broken.
struct Evidence {
    let world: TortureWorld

    private static let lines = 60
    private static let jobs = 3

    /// The record, the engine's word, the marks, the log and the runner's log of the jobs that violations are about.
    func text(of violations: [Violation]) -> String {
        var text = ""
        var seen: Set<JobID> = []
        for id in violations.compactMap(\.job) where seen.count < Self.jobs && seen.insert(id).inserted {
            text += section("record of \(id)", try? world.directory.text("state/jobs/\(id)/job.json"))
            text += section("files of \(id)", try? world.directory.names("state/jobs/\(id)").joined(separator: " "))
            text += section("marks of \(id)", try? world.directory.text("volume/\(id)"))
            text += section("log file of \(id)", try? world.directory.text("state/jobs/\(id)/log"))
            let inspection = try? world.engine.call("container", "inspect", "--", id.containerName)
            text += section(
                "\(world.engine) container inspect \(id.containerName)", inspection.map { $0.text + $0.errors })
            text += section("runner's log on \(id)", runnerLog { $0.contains(id.text) })
        }
        return text + section("end of the runner's log, all of which is in \(world.runnerLog)", runnerLog { _ in true })
    }

    private func runnerLog(_ isWanted: (Substring) -> Bool) -> String? {
        (try? world.directory.text("runner.log"))?.split(separator: "\n").filter(isWanted).joined(separator: "\n")
    }

    private func section(_ title: String, _ content: String?) -> String {
        let lines = (content ?? "(there is none)").split(separator: "\n")
        let cut = lines.count > Self.lines ? "  …\n" : ""
        return "--- \(title)\n\(cut)" + lines.suffix(Self.lines).map { "  \($0)\n" }.joined()
    }
}
