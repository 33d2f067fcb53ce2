import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

/// Somebody sets the clock while jobs run.
@Suite("A clock that is set")
struct ClockTests {
    /// Starts a runner whose time of day is changed by what the file `clock` says.
    private static func start(_ world: World) throws -> RunnerProcess {
        var environment = try Fault.kill.environment(
            at: 0, root: world.statePath, log: world.directory("faults"))
        environment["FAULT_CLOCK"] = world.directory("clock")
        let runner = try RunnerProcess(world, environment: environment)
        try blockUntil("the runner answers") { (try? runner.client.status()) != nil }
        return runner
    }

    @Test(
        "An hour back or forth: a deadline is as far off as before, and an exit code is believed",
        arguments: [-3600, 3600])
    func set(by seconds: Int64) async throws {
        try await withRunnerProcess(WorldOptions(cpus: 4, grace: 1)) { world, _ in
            let runner = try Self.start(world)
            defer { _ = try? runner.end(SIGKILL) }
            let before = try runner.client.submit(JobSubmission(command: "true"))
            let ending = try runner.client.submit(
                JobSubmission(
                    command: "while [ ! -e $T/go ]; do sleep 0.02; done; exit 7",
                    environment: ["T": world.directory.path]))
            let late = try runner.client.submit(JobSubmission(command: "sleep 3600", activeDeadlineSeconds: 10))
            let lasting = try runner.client.submit(JobSubmission(command: "sleep 3600", activeDeadlineSeconds: 1800))
            for job in [ending, late, lasting] {
                try blockUntil("it runs") { try runner.client.job(job.id.text).phase == .running }
            }
            try world.directory.write("\(seconds)\n", to: "clock")
            let after = try runner.client.submit(JobSubmission(command: "true"))
            // Newer jobs stand behind older ones, so their time never steps back.
            #expect(after.createTime.seconds(since: before.createTime) >= Double(max(0, seconds)))
            try world.directory.write("", to: "go")
            // As the engine has it too: the end lies before the beginning.
            try world.engine.rule("container-inspect", "FORCE_START=2099-01-01T00:00:00.000000000Z")
            let ends = try runner.client.wait([ending.id.text, late.id.text]).items
            for end in ends { #expect(try #require(end.finishTime) >= #require(end.startTime)) }
            let (ended, overdue) = (ends.first { $0.id == ending.id }, ends.first { $0.id == late.id })
            #expect(ended?.phase == .failed && ended?.exitCode == 7, "\(ended?.message ?? "")")
            #expect(overdue?.reason == .deadlineExceeded)
            #expect(try runner.client.job(lasting.id.text).phase == .running)
        }
    }
}
