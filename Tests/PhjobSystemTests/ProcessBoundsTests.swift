import PhjobSystem
import PhjobTestSupport
import Testing

struct ProcessBoundsTests {
    private func run(_ script: String, _ bounds: ProcessBounds) async throws -> ProcessResult {
        let command = ProcessCommand(
            "/bin/sh", ["-c", script, "a b", "$(id) '\"", ""], environment: ["PATH": "/usr/bin:/bin", "A": "1"],
            bounds: bounds)
        return try await onThread { try ChildProcess(command, timeout: 20).run() }
    }

    @Test func areInForce() async throws {
        let directory = try TemporaryDirectory()
        let bounds = ProcessBounds(memory: 1 << 30, oomScoreAdjustment: 900, directory: directory.path)
        let result = try await run(
            "ulimit -d; cat /proc/self/oom_score_adj; pwd; printf '%s|' \"$0\" \"$@\" $A; exit 7", bounds)
        #expect(result.output.text == "1048576\n900\n\(directory.path)\na b|$(id) '\"||1|")
        #expect(result.status == .exited(7) && result.errors.bytes.isEmpty)
    }

    /// What takes memory without end is ended by that, and the machine is not.
    @Test func memoryIsBounded() async throws {
        let bounds = ProcessBounds(memory: 64 << 20, oomScoreAdjustment: 0, directory: "/")
        let result = try await run("exec tail -n 1 /dev/zero", bounds)
        #expect(!result.isSuccess)
    }

    @Test func aMissingDirectory() async throws {
        let bounds = ProcessBounds(memory: 1 << 30, oomScoreAdjustment: 0, directory: "/nonexistent")
        #expect(try await run("exit 0", bounds).status == .exited(126))
    }
}
