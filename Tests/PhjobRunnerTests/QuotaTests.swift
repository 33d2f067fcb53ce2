import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("Quotas and bounds") struct QuotaTests {
    private static func options(_ lab: String = "", limits: String = "") -> WorldOptions {
        var options = WorldOptions()
        options.lab = lab
        options.limits = limits
        return options
    }

    private static let untilGo = "until [ -e $T/go ]; do sleep 0.02; done"

    @Test("Over one's quota one waits, with the reason, and others go on; more room lets it start")
    func overTheUsersQuota() async throws {
        try await withRunner(Self.options(#", "quotaCpu": 2"#)) { runner in
            let first = try runner.submit(Self.untilGo, type: "cpu-2")
            try runner.wait(first, for: .running)
            let second = try runner.submit("true")
            let view = try runner.view(second)
            #expect(view.phase == .pending && view.reason == .waitingForQuota && view.queuePosition == nil)
            #expect(view.message == "over the quota of alice in group 'lab': waits for 1 CPU; 2 of 2 in use")
            let other = try runner.submit("true", caller: World.bob)
            #expect(try runner.waitForEnd(other).phase == .succeeded)
            #expect(try runner.view(second).phase == .pending)
            // The administrator gives more.
            try runner.world.write(Self.options(#", "quotaCpu": 3"#))
            try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
            #expect(try runner.waitForEnd(second).phase == .succeeded)
            try runner.world.directory.write("", to: "go")
            #expect(try runner.waitForEnd(first).phase == .succeeded)
        }
    }

    @Test("Over the group's quota nobody of the group starts, and a place that comes free is used")
    func overTheGroupsQuota() async throws {
        try await withRunner(Self.options(#", "projectQuotaRunningJobs": 1"#)) { runner in
            let first = try runner.submit(Self.untilGo)
            let second = try runner.submit("true", caller: World.bob)
            try runner.wait(first, for: .running)
            #expect(
                try runner.view(second).message
                    == "over the quota of group 'lab': waits for a running job to end; 1 of 1 run")
            try runner.world.directory.write("", to: "go")
            #expect(try runner.waitForEnd(second).phase == .succeeded)
        }
    }

    @Test("What can never fit a quota is refused at once, and ends when the catalogue shrinks")
    func neverFits() async throws {
        try await withRunner(Self.options(#", "quotaGpu": 1, "projectQuotaCpu": 3"#)) { runner in
            for (type, words) in [
                ("gpu-2", "it needs 2 GPUs of at most 1, the quota of each user in group 'lab'"),
                ("cpu-4", "it needs 4 CPUs of at most 3, the quota of group 'lab'"),
            ] {
                let error = #expect(throws: PhjobError.self) { try runner.submit("true", type: type) }
                #expect(
                    error?.code == .unschedulable && error?.message.hasSuffix(words) == true, "\(error?.message ?? "")")
            }
            let first = try runner.submit(Self.untilGo, type: "cpu-2")
            try runner.wait(first, for: .running)
            let second = try runner.submit("true", type: "cpu-2")
            #expect(try runner.view(second).phase == .pending)
            try runner.world.write(Self.options(#", "projectQuotaCpu": 1"#))
            try runner.supervisor.use(CatalogueFile.load(runner.world.cataloguePath))
            let view = try runner.waitForEnd(second)
            #expect(view.phase == .failed && view.reason == .unschedulable)
            #expect(view.message == "needs 2 CPUs of at most 1, the quota of group 'lab'")
            try runner.world.directory.write("", to: "go")
            #expect(try runner.waitForEnd(first).phase == .succeeded)
        }
    }

    @Test("So many jobs may wait: of a user in a group, of a group, of a user, of all")
    func waitingJobs() async throws {
        let tables: [(lab: String, limits: String, allowed: Int, words: String)] = [
            (#", "quotaWaitingJobs": 2"#, "", 2, "2 jobs of alice in group 'lab' wait already; at most 2 may"),
            (#", "projectQuotaWaitingJobs": 1"#, "", 1, "1 jobs of group 'lab' wait already; at most 1 may"),
            ("", #", "perUser": {"waitingJobs": 2}"#, 2, "2 jobs of alice wait already; at most 2 may"),
            ("", #", "waitingJobs": 3"#, 3, "3 jobs wait already; at most 3 may"),
        ]
        for table in tables {
            var options = Self.options(table.lab, limits: table.limits)
            options.cpus = 1
            try await withRunner(options) { runner in
                let running = try runner.submit(Self.untilGo)
                try runner.wait(running, for: .running)
                let waiting = try (0..<table.allowed).map { _ in try runner.submit("true") }
                let error = #expect(throws: PhjobError.self) { try runner.submit("true") }
                #expect(error?.code == .tooManyRequests && error?.message == table.words, "\(error?.message ?? "")")
                // Nobody is told to come back by himself: when there will be room is not known.
                #expect(error?.retryAfter == nil)
                try runner.cancel(waiting[0])
                try runner.submit("true")
                try runner.world.directory.write("", to: "go")
            }
        }
    }

    @Test("So many submissions a minute, of one user; others are not held up by it")
    func rate() async throws {
        try await withRunner(Self.options(limits: #", "perUser": {"submissionsPerMinute": 3}"#)) { runner in
            for _ in 0..<3 { try runner.submit("true") }
            let error = #expect(throws: PhjobError.self) { try runner.submit("true") }
            #expect(error?.code == .tooManyRequests && error?.retryAfter.map { 1...20 ~= $0 } == true)
            #expect(error?.message.contains("alice has submitted 3 jobs in a minute") == true)
            try runner.submit("true", caller: World.bob)
        }
    }

    @Test("A large submission counts as many, whether the script is large or the variables are")
    func rateOfLargeOnes() async throws {
        try await withRunner(Self.options(limits: #", "perUser": {"submissionsPerMinute": 4}"#)) { runner in
            let value = String(repeating: "x", count: 64 << 10)
            let callers = [World.alice, World.bob]
            let large = [
                JobSubmission(command: "true #" + value + value),
                JobSubmission(command: "true", environment: ["A": value, "B": value]),
            ]
            for (caller, submission) in zip(callers, large) {
                _ = try runner.supervisor.submit(submission, caller: caller)
                try runner.submit("true", caller: caller)
                let error = #expect(throws: PhjobError.self) { try runner.submit("true", caller: caller) }
                #expect(error?.code == .tooManyRequests)
            }
        }
    }

    @Test("What may be had, is had, and was had in 30 days")
    func quotaView() async throws {
        let lab = #", "quotaCpu": 4, "quotaGpu": 1, "projectQuotaMemory": "1G", "projectQuotaRunningJobs": 9"#
        try await withRunner(Self.options(lab)) { runner in
            let done = try runner.submit("true", type: "cpu-2")
            #expect(try runner.waitForEnd(done).phase == .succeeded)
            let first = try runner.submit(Self.untilGo, type: "cpu-2")
            let second = try runner.submit(Self.untilGo, type: "gpu-1", caller: World.bob)
            for id in [first, second] { try runner.wait(id, for: .running) }
            let view = runner.supervisor.quotaView(caller: World.alice)
            #expect(view.days == 30 && view.groups.map(\.groupName) == ["lab"])
            let group = try #require(view.groups.first)
            #expect(group.user.limit.cpus == CPUAmount(milli: 4000) && group.user.limit.gpus == 1)
            #expect(group.user.limit.memoryBytes == nil && group.group.limit.memoryBytes == 1 << 30)
            #expect(group.user.now.cpus == 2 && group.user.now.gpus == 0 && group.user.now.runningJobs == 1)
            #expect(group.group.now.cpus == 3 && group.group.now.gpus == 1 && group.group.now.runningJobs == 2)
            #expect(group.group.limit.runningJobs == 9 && group.group.now.waitingJobs == 0)
            #expect(group.user.past.jobs == 2 && group.group.past.jobs == 3)
            #expect(group.user.past.gpuHours == 0 && group.group.past.cpuHours >= group.user.past.cpuHours)
            // Somebody else's group is nobody's business, but an administrator's.
            let root = World.caller("root2", isAdministrator: true)
            #expect(runner.supervisor.quotaView(caller: root).groups.map(\.groupName) == ["lab", "other"])
            #expect(runner.supervisor.quotaView(caller: World.caller("mallory")).groups.isEmpty)
            try runner.world.directory.write("", to: "go")
        }
    }

    @Test("The hours of ended jobs are known after a restart, with and without the index")
    func usageAfterARestart() async throws {
        try await withWorld { world in
            let first = try world.start()
            let id = try first.submit("sleep 0.4", type: "cpu-4")
            try first.waitForEnd(id)
            let before = first.supervisor.quotaView(caller: World.alice).groups[0].user.past
            #expect(before.jobs == 1)
            let second = try first.restart()
            #expect(second.supervisor.quotaView(caller: World.alice).groups[0].user.past == before)
            second.kill()
            try #require(HostProcess.shell("rm -f '\(world.statePath)/cache/jobs.index'").isSuccess)
            let third = try world.start()
            defer { third.kill() }
            #expect(third.supervisor.quotaView(caller: World.alice).groups[0].user.past == before)
        }
    }
}
