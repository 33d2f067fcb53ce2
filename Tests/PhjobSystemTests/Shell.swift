import PhjobSystem
import PhjobTestSupport

/// A `/bin/sh` script as a child process, with little else than `PATH` in its environment.
func shellScript(
    _ script: String, timeout: Double? = patience, captureLimit: Int = 1 << 20,
    teardown: [TeardownStep] = TeardownStep.prompt
) -> ChildProcess {
    let command = ProcessCommand("/bin/sh", ["-c", script], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
    return ChildProcess(command, timeout: timeout, captureLimit: captureLimit, teardown: teardown)
}

func runShell(_ script: String, captureLimit: Int = 1 << 20, mergingErrors: Bool = false) async throws -> ProcessResult
{
    let child = shellScript(script, captureLimit: captureLimit)
    return try await onThread { try child.run(mergingErrors: mergingErrors) }
}
