import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

/// The disk of the state directory runs full, and has room again.
@Suite("A full disk")
struct FullDiskTests {
    private static func submit(_ runner: RunnerProcess, _ world: World, _ command: String, _ type: String) throws
        -> JobID
    {
        try runner.client.submit(
            JobSubmission(instanceType: type, command: command, environment: ["T": world.directory.path])
        ).id
    }

    @Test(
        "What runs ends as it should, what is new is refused or waits, and all goes on by itself",
        .enabled(if: HostProcess.isRoot, "mounting needs root"), arguments: MountedDisk.Kind.allCases)
    func state(_ kind: MountedDisk.Kind) async throws {
        try await withRunnerProcess(WorldOptions(cpus: 2)) { world, start in
            let disk = try MountedDisk(
                kind, megabytes: 16, at: world.statePath, image: world.directory("disk.img"))
            var runner = try start()
            let ended = try Self.submit(runner, world, "exit 4", "cpu-1")
            #expect(try runner.client.wait([ended.text]).items.first?.exitCode == 4)
            let running = try Self.submit(runner, world, "while [ ! -e $T/go ]; do sleep 0.05; done; exit 5", "cpu-1")
            try blockUntil("it runs") { try runner.client.job(running.text).phase == .running }
            let waiting = try Self.submit(runner, world, "exit 6", "cpu-2")

            let filler = try disk.fill()
            let refusal = #expect(throws: PhjobError.self) { try Self.submit(runner, world, "exit 7", "cpu-1") }
            #expect(refusal?.code == .unavailable)
            #expect(refusal?.message.contains("no space left") == true, "\(String(describing: refusal))")
            #expect(refusal?.hint?.contains("make room on the disk of \(world.statePath)") == true)
            #expect(try runner.client.jobs(JobFilter()).total == 3)

            try world.directory.write("", to: "go")
            #expect(try runner.client.wait([running.text]).items.first?.exitCode == 5)
            func waits() throws -> Bool {
                let view = try runner.client.job(waiting.text)
                return view.phase == .pending && view.reason == .waitingForSpace
                    && view.message.contains(world.statePath)
            }
            try blockUntil("the next waits for space", waits)

            // The same to a runner that finds the disk full.
            try runner.end(SIGKILL)
            runner = try start()
            for (id, code) in [(ended, 4), (running, 5)] {
                #expect(try runner.client.job(id.text).exitCode == Int32(code))
            }
            try blockUntil("it still waits for space", waits)
            #expect(try runner.client.status().quarantined == [])

            unlink(filler)
            #expect(try runner.client.wait([waiting.text]).items.first?.exitCode == 6)
            let last = try Self.submit(runner, world, "exit 8", "cpu-1")
            #expect(try runner.client.wait([last.text]).items.first?.exitCode == 8)
            #expect(world.directory.status("state/reserve")?.st_size == 1 << 20)
            try runner.end()
            withExtendedLifetime(disk) {}
        }
    }

    @Test(
        "Many jobs that end on a full disk find room for all of them",
        .enabled(if: HostProcess.isRoot, "mounting needs root"), arguments: MountedDisk.Kind.allCases)
    func manyResults(_ kind: MountedDisk.Kind) async throws {
        try await withRunnerProcess(WorldOptions(cpus: 8)) { world, start in
            let disk = try MountedDisk(
                kind, megabytes: 16, at: world.statePath, image: world.directory("disk.img"))
            let runner = try start()
            let ids = try (0..<8).map { number in
                try Self.submit(
                    runner, world, "while [ ! -e $T/go ]; do sleep 0.05; done; exit \(number)", "cpu-1")
            }
            try blockUntil("all run") { try runner.client.status().jobs["Running"] == 8 }
            let filler = try disk.fill()
            try world.directory.write("", to: "go")
            let views = try runner.client.wait(ids.map(\.text)).items
            #expect(views.map(\.exitCode) == (0..<8).map { Int32($0) })
            unlink(filler)
            withExtendedLifetime(disk) {}
        }
    }
}
