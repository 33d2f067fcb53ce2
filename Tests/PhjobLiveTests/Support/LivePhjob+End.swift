import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

extension LivePhjob {
    /// Ends jobs and runner, and reports whatever is left of them.
    func end() {
        endJobs()
        endRunner()
        endProcesses()
        removeFiles()
    }

    private func endJobs() {
        guard stateID != nil, let names = try? directory.names("state/jobs"), !names.isEmpty else { return }
        let live = ["--status", "pending", "--status", "preparing", "--status", "running"]
        _ = try? run(["cancel", "--yes"] + live)
        // Jobs that have ended take their containers and scratch directories with them.
        check("containers, or scratch directories") {
            try containers() + scratch()
        }
        guard let left = try? containers(), !left.isEmpty else { return }
        _ =
            try? user?.podman(["rm", "--force"] + left)
            ?? engine.call(["rm", "--force", "--volumes"] + left, environment: engineEnvironment)
    }

    /// What a job has no use for after its end.
    private func scratch() throws -> [String] {
        let kept = ["job.json", "log", "log.before", "log.head", "log.preparation"]
        return try directory.names("state/jobs").flatMap { job in
            try directory.names("state/jobs/\(job)").filter { !kept.contains($0) }.map { "\(job)/\($0)" }
        }
    }

    private func endRunner() {
        guard let pid = runner else { return }
        let output = try? self("runner", "stop")
        check("the runner") { runner.map { ["\($0)"] } ?? [] }
        if output?.status != 0 { Issue.record("the runner did not stop: \(output?.errors ?? "no answer")") }
        if runner == pid { kill(pid, SIGKILL) }
    }

    private func endProcesses() {
        // Runners, engine clients, monitors.
        let processes = { HostProcess.mentioning(self.directory.path) }
        check("processes") { processes().map { "\($0.pid) \($0.line)" } }
        for process in processes() { kill(process.pid, SIGKILL) }
    }

    private func removeFiles() {
        guard LiveEngine.environment["PHJOB_TEST_KEEP"] == nil else { return }
        let output = try? HostProcess.shell("rm -rf --one-file-system -- '\(directory.path)'")
        if output?.isSuccess != true { Issue.record("left behind: \(directory.path): \(output?.errors.text ?? "")") }
    }

    /// Waits until nothing is left, or reports what is.
    private func check(_ what: String, _ left: () throws -> [String]) {
        var last: [String] = []
        do {
            try Self.poll(what) {
                last = try left()
                return last.isEmpty
            }
        } catch {
            Issue.record("left behind: \(what): \(last.joined(separator: ", ")); \(error); \(runnerLog)")
        }
    }

    /// The end of the runner's log, for whoever has to find out why.
    var runnerLog: String {
        ((try? directory.text("state/runner.log")) ?? "").split(separator: "\n").suffix(20).joined(separator: "\n")
    }
}
