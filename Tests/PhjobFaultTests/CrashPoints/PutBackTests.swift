import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobTestSupport
import Testing

/// What was refused since the last step of saving it failed, the fsync(2) of a directory, has not happened.
@Suite("What could not be committed is put back")
struct PutBackTests {
    /// A drained runner whose `number`-th fsync(2) of a job's directory fails.
    private static func withRunner(
        failingAt number: Int, _ body: @escaping @Sendable (World, RunnerProcess) throws -> Void
    ) async throws {
        try await withRunnerProcess(WorldOptions(cpus: 1)) { world, _ in
            let environment = try Fault.eio.environment(
                at: number, root: world.statePath, log: world.directory("faults"), only: ("fsync", "/jobs/job-*"))
            let runner = try RunnerProcess(world, environment: environment)
            defer { _ = try? runner.end(SIGKILL) }
            try blockUntil("the runner answers") { (try? runner.client.status()) != nil }
            // Nothing is saved but what is asked for.
            _ = try runner.client.drain(reason: "a test")
            try body(world, runner)
            try runner.end(SIGKILL)
        }
    }

    @Test("A change of a job: not in its record, nor for this runner, nor for the next")
    func change() async throws {
        try await Self.withRunner(failingAt: 2) { world, runner in
            let job = try runner.client.submit(JobSubmission(command: "true"))
            let path = "state/jobs/\(job.id)/job.json"
            let before = try world.directory.text(path)
            let error = #expect(throws: PhjobError.self) {
                try runner.client.set(job.id.text, QueueingChange(priority: 7))
            }
            #expect(error?.code == .unavailable)
            #expect(world.text("faults").contains("2 fsync /jobs/\(job.id)\n"), "the fault was met")
            #expect(try world.directory.text(path) == before)
            #expect(try runner.client.job(job.id.text).priority == nil)
            try runner.end(SIGKILL)
            let next = try RunnerProcess.start(world)
            defer { _ = try? next.end(SIGKILL) }
            #expect(try next.client.job(job.id.text).priority == nil)
            // It was only once.
            #expect(try next.client.set(job.id.text, QueueingChange(priority: 7)).priority == 7)
        }
    }

    @Test("A submission: there is no such job, neither now nor for the next runner")
    func submission() async throws {
        try await Self.withRunner(failingAt: 1) { world, runner in
            let error = #expect(throws: PhjobError.self) { try runner.client.submit(JobSubmission(command: "true")) }
            #expect(error?.code == .unavailable)
            let listed = try runner.client.jobs(JobFilter()).items
            #expect(listed.isEmpty)
            let found = try world.directory.names("state/jobs")
            #expect(found.isEmpty)
        }
    }
}
