import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

@Suite("GPUs")
struct GPUTests {
    /// Runs `body` with a runner that finds these GPUs.
    private func withGPUs(
        _ uuids: [String] = ["GPU-a", "GPU-b"], _ options: WorldOptions = WorldOptions(gpus: nil),
        _ body: @escaping @Sendable (LiveRunner, FakeGPUs) throws -> Void
    ) async throws {
        try await withWorld(options) { world in
            let gpus = try FakeGPUs(in: world, uuids)
            let runner = try world.start()
            defer { runner.kill() }
            try body(runner, gpus)
        }
    }

    /// A process that belongs to no job.
    private func withOutsider(
        _ program: String = "/bin/sleep", uid: uid_t? = nil, _ body: (pid_t) throws -> Void
    ) throws {
        let become = uid.map { ["/usr/bin/setpriv", "--reuid=\($0)", "--clear-groups"] } ?? []
        let words = become + [program, "3600"]
        let process = try ReapedProcess(ProcessCommand(words[0], Array(words.dropFirst())), log: "/dev/null")
        defer {
            process.signal(SIGKILL)
            _ = try? process.waitForEnd()
        }
        try body(process.pid)
    }

    private func list(_ runner: LiveRunner) -> [GPUList.Item] { runner.supervisor.gpuList(caller: World.alice).items }

    /// Waits until the next job that wants a GPU makes the runner look again.
    private func outlast(_ runner: LiveRunner) throws {
        try blockUntil("the last look is old") {
            runner.supervisor.state.withLock { state in
                !state.gpus.isUnseen
                    && !state.gpus.isCurrent(at: .now, held: state.table.holdings.flatMap(\.gpus))
            }
        }
    }

    /// Waits until a waiting job says so. Nobody is woken by its words alone.
    private func waitForWords(_ id: JobID, _ runner: LiveRunner, _ words: String..., line: UInt = #line) throws {
        var message = ""
        do {
            try blockUntil {
                message = try runner.view(id).message
                return words.allSatisfy { message.contains($0) }
            }
        } catch {
            throw Failure(description: "line \(line): not \(words), but '\(message)'")
        }
        #expect(try runner.view(id).phase == .pending)
    }

    private let until = QueueTests.until("go")

    @Test("A job gets GPUs by their UUIDs, and no other job gets them")
    func byUUID() async throws {
        try await withGPUs { runner, _ in
            let ids = try (1...2).map { _ in try runner.submit(until, type: "gpu-1") }
            for id in ids { try runner.wait(id, for: .running) }
            let uuids = try ids.map { try runner.view($0).gpuUUIDs }
            #expect(uuids.contains(["GPU-a"]) && uuids.contains(["GPU-b"]))
            // Who may not see a job learns only that its GPU is in use.
            let foreign = runner.supervisor.gpuList(caller: World.caller("carol")).items
            #expect(foreign.map(\.state) == [.inUse, .inUse])
            #expect(foreign.allSatisfy { $0.job == nil && $0.userName == nil })
            let both = try runner.submit("true", type: "gpu-2")
            try waitForWords(both, runner, "waits for 2 GPUs; 2 of 2 GPUs in use")
            #expect(list(runner).map(\.state) == [.inUse, .inUse])
            #expect(Set(list(runner).compactMap(\.job)) == Set(ids))
            try runner.world.directory.write("", to: "go")
            let view = try runner.waitForEnd(both)
            #expect((view.phase, view.gpuUUIDs, view.gpus) == (.succeeded, ["GPU-a", "GPU-b"], [0, 1]))
            let tried = try runner.supervisor.tryOut(
                JobSubmission(instanceType: "gpu-2", command: "true"), caller: World.alice)
            #expect(
                tried.containerCommand.filter { $0.hasPrefix("--device=") }
                    == ["--device=nvidia.com/gpu=GPU-a", "--device=nvidia.com/gpu=GPU-b"])
            #expect(list(runner).map(\.state) == [.free, .free])
        }
    }

    @Test("The catalogue's number bounds what was found, and what can never fit is refused at once")
    func bounds() async throws {
        try await withGPUs(["GPU-a", "GPU-b", "GPU-c"], WorldOptions(gpus: 1)) { runner, gpus in
            #expect { try runner.submit("true", type: "gpu-2") } throws: {
                ($0 as? PhjobError)?.code == .unschedulable
            }
            let id = try runner.submit("true", type: "gpu-1")
            #expect(try runner.waitForEnd(id).gpuUUIDs == ["GPU-a"])
            #expect(list(runner).map(\.uuid) == ["GPU-a"])
        }
        try await withGPUs(["GPU-a"]) { runner, _ in
            #expect { try runner.submit("true", type: "gpu-2") } throws: {
                ($0 as? PhjobError)?.code == .unschedulable
            }
            let view = try runner.waitForEnd(runner.submit("true", type: "gpu-1"))
            #expect(view.phase == .succeeded)
        }
        try await withGPUs([]) { runner, _ in
            #expect { try runner.submit("true", type: "gpu-1") } throws: {
                ($0 as? PhjobError)?.code == .unschedulable
            }
        }
    }

    @Test("A GPU with somebody else's process on it is given to nobody until that process has ended")
    func outsider() async throws {
        try await withGPUs { runner, gpus in
            try withOutsider { pid in
                try gpus.set([.init("GPU-a", pid)])
                try outlast(runner)
                let first = try runner.submit(until, type: "gpu-1")
                #expect(try runner.wait(first, for: .running).gpuUUIDs == ["GPU-b"])
                let second = try runner.submit("true", type: "gpu-1")
                let name = try #require(UserAccount.current?.name)
                try waitForWords(
                    second, runner, "waits for 1 GPU; 1 of 2 GPUs in use, 1 busy outside phjob (pid \(pid), \(name))")
                let busy = list(runner)[0]
                #expect((busy.state, busy.job) == (.busyOutside, nil))
                #expect(
                    busy.outsiders == [GPUList.Outsider(pid: pid, userName: name, processName: "sleep")])
                // It leaves the GPU, but not the world.
                try gpus.set([FakeGPUs.OnGPU]())
                #expect(try runner.waitForEnd(second).gpuUUIDs == ["GPU-a"])
                try runner.world.directory.write("", to: "go")
                #expect(try runner.waitForEnd(first).phase == .succeeded)
            }
        }
    }

    @Test("Who watches is told when a job comes to wait for something else, though nothing has happened to any job")
    func changedOutlook() async throws {
        try await withGPUs { runner, gpus in
            try withOutsider { first in
                try withOutsider { second in
                    try gpus.set([.init("GPU-a", first), .init("GPU-b", first)])
                    try outlast(runner)
                    let id = try runner.submit("true", type: "gpu-1")
                    try waitForWords(id, runner, "2 busy outside phjob (pid \(first), ")
                    let subscription = try runner.supervisor.watchers.subscribe(to: nil)
                    let revision = runner.supervisor.state.withLock(\.revision)
                    try gpus.set([.init("GPU-a", second), .init("GPU-b", second)])
                    let told = try Poll.readable(
                        [subscription.wakeup.descriptor.number], until: .now.adding(seconds: patience))
                    #expect(told == [true])
                    #expect(try runner.view(id).message.contains("(pid \(second), "))
                    #expect(runner.supervisor.state.withLock(\.revision) > revision)
                    try gpus.set([FakeGPUs.OnGPU]())
                    #expect(try runner.waitForEnd(id).phase == .succeeded)
                }
            }
        }
    }

    @Test("A process that has ended is nobody, whatever nvidia-smi says")
    func endedProcess() async throws {
        try await withGPUs { runner, gpus in
            try withOutsider { pid in
                try gpus.set([.init("GPU-a", pid), .init("GPU-b", pid)])
                try outlast(runner)
                let id = try runner.submit("true", type: "gpu-1")
                try waitForWords(id, runner, "2 busy outside phjob (pid \(pid), ")
                kill(pid, SIGKILL)
                #expect(try runner.waitForEnd(id).phase == .succeeded)
            }
        }
    }

    @Test("What a job has started is phjob's, and nobody else is")
    func descendants() async throws {
        try await withGPUs { runner, gpus in
            let command = "sh -c 'echo $$ >$T/pid.new; mv $T/pid.new $T/pid; sleep 3600' & \(until)"
            let job = try runner.submit(command, type: "gpu-1")
            try runner.wait(job, for: .running)
            try blockUntil("it has started a process") { !runner.world.text("pid").isEmpty }
            let pid = try #require(pid_t(runner.world.text("pid").split(separator: "\n")[0]))
            try gpus.set([.init("GPU-a", pid)])
            try outlast(runner)
            #expect(list(runner)[0].state == .inUse)
            #expect(list(runner)[0].outsiders.isEmpty)
            try withOutsider { outsider in
                try gpus.set([.init("GPU-a", pid), .init("GPU-a", outsider)])
                try blockUntil("the other is seen") { list(runner)[0].outsiders.map(\.pid) == [outsider] }
                #expect((list(runner)[0].state, list(runner)[0].job) == (.inUse, job))
                // A look while the job ran says nothing of the GPU once it has ended.
                let next = try runner.submit("true", type: "gpu-2")
                try gpus.set([FakeGPUs.OnGPU]())
                try runner.world.directory.write("", to: "go")
                #expect(try runner.waitForEnd(next).phase == .succeeded)
            }
            try runner.waitForEnd(job)
        }
    }

    @Test("Programs that the catalogue names may be on a GPU")
    func ignored() async throws {
        var options = WorldOptions(gpus: nil)
        options.ignoredGPUProcesses = ["sleep"]
        try await withGPUs(["GPU-a"], options) { [options] runner, gpus in
            try withOutsider { pid in
                try gpus.set([.init("GPU-a", pid)])
                #expect(try runner.waitForEnd(runner.submit("true", type: "gpu-1")).phase == .succeeded)
                var other = options
                other.ignoredGPUProcesses = ["Xorg"]
                try runner.world.write(other)
                try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
                try outlast(runner)
                let id = try runner.submit("true", type: "gpu-1")
                try waitForWords(id, runner, "busy outside phjob")
                try runner.world.write(options)
                try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
                #expect(try runner.waitForEnd(id).phase == .succeeded)
            }
        }
    }

    @Test(
        "A program of a user's with such a name is none of them",
        .enabled(if: HostProcess.isRoot, "becoming another user needs root"))
    func falseName() async throws {
        var options = WorldOptions(gpus: nil)
        options.ignoredGPUProcesses = ["sleep"]
        try await withGPUs(["GPU-a"], options) { runner, gpus in
            let directory = try TemporaryDirectory()
            let (copy, uid) = (directory("sleep"), 12_345 as uid_t)
            try #require(try HostProcess.shell("chmod 755 \(directory.path) && cp /bin/sleep \(copy)").isSuccess)
            try withOutsider(uid: uid) { real in
                try gpus.set([.init("GPU-a", real)])
                #expect(try runner.waitForEnd(runner.submit("true", type: "gpu-1")).phase == .succeeded)
            }
            try withOutsider(copy, uid: uid) { pid in
                try blockUntil("the copy runs") { HostProcess.arguments(of: pid) == [copy, "3600"] }
                try gpus.set([.init("GPU-a", pid)])
                try outlast(runner)
                let id = try runner.submit("true", type: "gpu-1")
                try waitForWords(id, runner, "1 busy outside phjob (pid \(pid), uid \(uid))")
                #expect(list(runner)[0].outsiders.map(\.processName) == ["sleep"])
                try gpus.set([FakeGPUs.OnGPU]())
                #expect(try runner.waitForEnd(id).phase == .succeeded)
            }
            // Root's effective uid is not that of who started it, also when the file has lost the bit since.
            chmod(copy, 0o4755)
            try withOutsider(copy, uid: uid) { pid in
                try blockUntil("the copy runs") { HostProcess.arguments(of: pid) == [copy, "3600"] }
                chmod(copy, 0o600)
                try gpus.set([.init("GPU-a", pid)])
                try outlast(runner)
                let id = try runner.submit("true", type: "gpu-1")
                try waitForWords(id, runner, "1 busy outside phjob (pid \(pid), uid \(uid))")
                try gpus.set([FakeGPUs.OnGPU]())
                #expect(try runner.waitForEnd(id).phase == .succeeded)
            }
        }
    }

    @Test("While nvidia-smi hangs no GPU is given out, and nobody else waits")
    func hangs() async throws {
        try await withGPUs(["GPU-a"], WorldOptions(gpus: nil, callTimeout: 5)) { runner, gpus in
            try outlast(runner)
            try gpus.rule("exec sleep 3600")
            let id = try runner.submit("true", type: "gpu-1")
            try waitForWords(id, runner, "are being looked at")
            // Whatever needs no GPU goes on, and so does everybody who asks.
            #expect(try runner.cancel(id).phase == .cancelled)
            #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded)
            let second = try runner.submit("true", type: "gpu-1")
            try waitForWords(second, runner, "nvidia-smi did not answer within 5 s")
            try gpus.rule(nil)
            #expect(try runner.waitForEnd(second).phase == .succeeded)
        }
    }

    @Test(
        "What cannot be understood gives no GPU out, and fails no job",
        arguments: ["echo surprise", "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18"])
    func garbage(_ rule: String) async throws {
        try await withGPUs(["GPU-a"]) { runner, gpus in
            try outlast(runner)
            try gpus.rule(rule)
            let id = try runner.submit("true", type: "gpu-1")
            try waitForWords(id, runner, "waits for 1 GPU; 0 of 1 GPUs in use, ", "nvidia-smi ")
            let list = runner.supervisor.gpuList(caller: World.alice)
            #expect(list.items.map(\.state) == [.unknown] && list.problem?.contains("nvidia-smi") == true)
            #expect(runner.supervisor.state.withLock(\.gpus.survey.problem) == list.problem)
            // Nor does a runner that has never had an answer.
            let next = try runner.restart()
            defer { next.kill() }
            try waitForWords(id, next, "nvidia-smi ")
            let later = try next.submit("true", type: "gpu-2")
            #expect(try next.view(later).phase == .pending)
            try gpus.set(["GPU-a", "GPU-b"])
            try gpus.rule(nil)
            for id in [id, later] { #expect(try next.waitForEnd(id).phase == .succeeded) }
        }
    }

    @Test("A tool that goes away, or a GPU that is lost, fails nobody's job")
    func lost() async throws {
        try await withGPUs { runner, gpus in
            #expect(try runner.waitForEnd(runner.submit("true", type: "gpu-2")).phase == .succeeded)
            try gpus.set(["GPU-a"])
            try outlast(runner)
            let id = try runner.submit("true", type: "gpu-2")
            try waitForWords(id, runner, "1 not found by nvidia-smi")
            gpus.remove()
            try waitForWords(id, runner, "nvidia-smi is not installed any more")
            _ = try FakeGPUs(in: runner.world)
            #expect(try runner.waitForEnd(id).phase == .succeeded)
        }
    }

    @Test(
        "A job that waits for a lost GPU goes on waiting, whether the catalogue is read again or the runner started again"
    )
    func lostForLonger() async throws {
        try await withGPUs { runner, gpus in
            #expect(try runner.waitForEnd(runner.submit("true", type: "gpu-2")).phase == .succeeded)
            try gpus.set(["GPU-a"])
            try outlast(runner)
            let id = try runner.submit("true", type: "gpu-2")
            try waitForWords(id, runner, "1 not found by nvidia-smi")
            runner.supervisor.use(try CatalogueFile.load(runner.world.cataloguePath))
            try waitForWords(id, runner, "1 not found by nvidia-smi")
            let next = try runner.restart()
            defer { next.kill() }
            try waitForWords(id, next, "1 not found by nvidia-smi")
            try gpus.set(["GPU-a", "GPU-b"])
            #expect(try next.waitForEnd(id).phase == .succeeded)
        }
    }

    @Test("What the catalogue says that there is is waited for, also where it was never seen")
    func lostBeforeTheStart() async throws {
        try await withGPUs(["GPU-a"], WorldOptions(gpus: 2)) { runner, gpus in
            let id = try runner.submit("true", type: "gpu-2")
            try waitForWords(id, runner, "waits for 2 GPUs", "1 not found by nvidia-smi")
            try gpus.set(["GPU-a", "GPU-b"])
            #expect(try runner.waitForEnd(id).phase == .succeeded)
        }
    }

    @Test("A GPU stays its job's across a restart, though a reboot may count GPUs in another order")
    func restart() async throws {
        try await withGPUs { runner, gpus in
            let job = try runner.submit(until, type: "gpu-1")
            #expect(try runner.wait(job, for: .running).gpuUUIDs == ["GPU-a"])
            try gpus.set(["GPU-b", "GPU-a"])
            let next = try runner.restart()
            defer { next.kill() }
            let other = try next.submit(until, type: "gpu-1")
            let view = try next.wait(other, for: .running)
            #expect((view.gpuUUIDs, view.gpus) == (["GPU-b"], [0]))
            #expect(list(next).map(\.job) == [other, job])
            try next.world.directory.write("", to: "go")
            for id in [job, other] { #expect(try next.waitForEnd(id).phase == .succeeded) }
        }
    }

    @Test("Nobody who needs no GPU makes the runner look at any")
    func idle() async throws {
        try await withGPUs { runner, gpus in
            try outlast(runner)
            for _ in 1...3 { #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded) }
            // One that waits for something else than a GPU is not looked for either.
            let all = try runner.submit(until, type: "gpu-2")
            try runner.wait(all, for: .running)
            let looks = gpus.looks
            let waiting = try runner.submit("true", type: "gpu-1")
            let others = try (1...3).map { _ in try runner.submit("true") }
            try outlast(runner)
            #expect(try runner.view(waiting).phase == .pending && gpus.looks == looks)
            try runner.world.directory.write("", to: "go")
            for id in [waiting] + others { #expect(try runner.waitForEnd(id).phase == .succeeded) }
            #expect(gpus.looks > looks)
        }
    }

    @Test("A catalogue that gives no GPU to jobs costs no look")
    func none() async throws {
        try await withGPUs(["GPU-a"], WorldOptions(gpus: 0)) { runner, gpus in
            #expect { try runner.submit("true", type: "gpu-1") } throws: {
                ($0 as? PhjobError)?.code == .unschedulable
            }
            let view = try runner.waitForEnd(runner.submit("true"))
            #expect(view.phase == .succeeded)
            #expect(list(runner).isEmpty && gpus.looks == 0)
        }
    }
}
