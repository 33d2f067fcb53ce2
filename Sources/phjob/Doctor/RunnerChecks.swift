import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunner

/// Looks at the runner, and runs a job through it.
struct RunnerChecks {
    let context: Context
    /// The catalogue's choice of the engine, for a personal runner.
    var engine: Catalogue.EngineSettings?

    /// Seconds until the job must have ended.
    private static let jobTimeout: Int64 = 120
    private static let marker = "phjob doctor was here"

    /// - Returns: what was found, and whether a job can be tried.
    func status() -> (findings: [Finding], canRun: Bool) {
        do {
            let status = try context.client().status()
            var findings = [Finding.ok("runner", "pid \(status.pid) serves \(status.stateDirectory)")]
            if status.version != Version.number {
                findings.append(
                    .warning(
                        "runner", "it is phjob \(status.version), and this is \(Version.number)",
                        advice: status.isForEverybody
                            ? "have it restarted ('systemctl restart phjob'); running jobs run on"
                            : "run 'phjob runner stop'; the next command starts the new one, and running jobs run on")
                )
            }
            if let engine, !status.isForEverybody {
                let here = EngineProbe.choice(of: context.environment, engine)
                if let finding = Self.environment(ofRunner: status.engineEnvironment ?? [:], here: here) {
                    findings.append(finding)
                }
            }
            if !status.catalogueProblems.isEmpty {
                findings.append(
                    .failed(
                        "runner",
                        (["it keeps to an older catalogue:"] + status.catalogueProblems).joined(separator: "\n"),
                        advice: "mend the catalogue; 'phjob catalogue check' tells when it is right"))
            }
            if let problem = status.engineProblem {
                findings.append(
                    .failed(
                        "runner", problem, advice: "see the engine's findings, or an administrator's 'phjob doctor'"))
            }
            if let cause = status.startsHeldBecause {
                findings.append(
                    .failed(
                        "runner", "it starts no jobs: \(cause)", advice: "mend that; waiting jobs start by themselves"))
            }
            if let problem = status.gpuProblem {
                findings.append(
                    .failed(
                        "runner", "it gives out no GPUs: \(problem)",
                        advice: "see that 'nvidia-smi' works; jobs that wait for a GPU start by themselves"))
            }
            if let problems = status.cleanUpProblems {
                findings.append(
                    .warning(
                        "clean-up",
                        (["something is left of jobs that have ended:"] + problems).joined(separator: "\n"),
                        advice: "the runner tries again; 'podman rm --force ID' or 'docker rm --force ID' may say more")
                )
            }
            if !status.quarantined.isEmpty {
                findings.append(
                    .warning(
                        "records",
                        (["some could not be read and were set aside:"] + status.quarantined).joined(separator: "\n"),
                        advice:
                            "look at them in \(status.stateDirectory)/quarantine, and remove them when they are of no use"
                    ))
            }
            return (findings, status.engineProblem == nil && status.startsHeldBecause == nil)
        } catch {
            let isSystem = (try? context.runner().choice.mode) == .system
            return (
                [
                    .failed(
                        "runner", "\(error)",
                        advice: isSystem
                            ? "an administrator can see its log with 'journalctl --unit=phjob'"
                            : "mend what is said above; 'phjob runner run' shows its log here")
                ], false
            )
        }
    }

    /// A personal runner keeps the environment of the command that started it, whatever later shells say.
    ///
    /// - Returns: `nil` if both choose the same engine.
    static func environment(ofRunner runner: [String: String], here: [String: String]) -> Finding? {
        let different = Set(runner.keys).union(here.keys).filter { runner[$0] != here[$0] }.sorted()
        guard !different.isEmpty else { return nil }
        let words = different.map { name in
            "\(name) is \(runner[name].map { "'\($0)'" } ?? "not set") for the runner, and "
                + "\(here[name].map { "'\($0)'" } ?? "not set") in this shell"
        }
        return .warning(
            "runner",
            (["it uses the engine that the shell meant in which it was started:"] + words).joined(separator: "\n"),
            advice: "run 'phjob runner stop', and the next command starts one that uses this shell's; "
                + "or set them in the catalogue, under \"engine\": { \"environment\": … }")
    }

    /// Runs a job of two seconds through the whole path.
    func job() -> Finding {
        do {
            let client = try context.client()
            let submission = try trialJob(client)
            let id = try client.submit(submission).id.text
            let answer = try client.wait([id], timeout: Self.jobTimeout)
            guard let job = answer.items.first, job.phase.isFinal else {
                let job = try client.cancel(id)
                return .warning(
                    "job", "\(id) had not ended after \(Self.jobTimeout) seconds, and is cancelled: \(job.message)",
                    advice: "if the machine is busy, that is as it should be; see 'phjob list'")
            }
            guard job.phase == .succeeded else {
                return .failed(
                    "job", "\(id) \(job.phase.rawValue): \(job.message)", advice: "see 'phjob get \(id)' and its log")
            }
            var whole = LogOptions()
            whole.follow = true
            var log: [UInt8] = []
            _ = try client.log(id, whole) { log += $0 }
            guard String(decoding: log, as: UTF8.self).contains(Self.marker) else {
                return .failed(
                    "job", "\(id) succeeded, but its log lacks what it printed", advice: "see 'phjob logs \(id)'")
            }
            return .ok("job", "\(id) ran to its end, and its log is whole")
        } catch {
            return .failed("job", "a job cannot be run: \(error)", advice: "mend what is said above")
        }
    }

    /// The first trial job that would be accepted; if none is, what the catalogue's defaults make of it says why.
    private func trialJob(_ client: APIClient) throws -> JobSubmission {
        let command = "sleep 2\necho '\(Self.marker)'\n"
        // A catalogue of hundreds of images is not gone through to its end.
        let candidates = try TrialJob.candidates(client.catalogue(), command: command, deadline: Self.jobTimeout)
            .prefix(50)
        for candidate in candidates {
            do {
                _ = try client.tryOut(candidate)
                return candidate
            } catch let error as PhjobError where error.code != .unavailable {
                continue
            }
        }
        return candidates.first
            ?? JobSubmission(
                displayName: "phjob doctor", command: command, activeDeadlineSeconds: Self.jobTimeout)
    }
}
