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

@Suite("Submissions")
struct SubmissionTests {
    @Test("A key with the same content is the same job, with other content an error, also after a restart")
    func idempotency() async throws {
        try await withRunner { runner in
            let first = try runner.submit("echo x >>$T/ran", key: "ci-7")
            #expect(try runner.submit("echo x >>$T/ran", key: "ci-7") == first)
            #expect { try runner.submit("echo y >>$T/ran", key: "ci-7") } throws: {
                ($0 as? PhjobError)?.code == .conflict
            }
            // Keys belong to one user.
            let other = JobSubmission(command: "true", idempotencyKey: "ci-7")
            #expect(try runner.supervisor.submit(other, caller: World.bob).id != first)
            try runner.waitForEnd(first)
            let next = try runner.restart()
            defer { next.kill() }
            #expect(try next.submit("echo x >>$T/ran", key: "ci-7") == first)
            #expect { try next.submit("echo y >>$T/ran", key: "ci-7") } throws: {
                ($0 as? PhjobError)?.code == .conflict
            }
            #expect(runner.world.text("ran") == "x\n")
        }
    }

    @Test("The same key from many callers at once is one job")
    func idempotencyAtOnce() async throws {
        try await withRunner { runner in
            let ids = Mutex<[JobID]>([])
            for _ in 0..<12 {
                WorkerThread.start("submitter") {
                    guard let id = try? runner.submit("echo x >>$T/ran", key: "one") else { return }
                    ids.withLock { $0.append(id) }
                }
            }
            try blockUntil("all have an answer") { ids.withLock(\.count) == 12 }
            #expect(ids.withLock { Set($0) }.count == 1)
            try runner.waitForEnd(ids.withLock { $0[0] })
            #expect(runner.world.text("ran") == "x\n")
        }
    }

    @Test("Running again keeps everything that is not changed")
    func rerun() async throws {
        try await withRunner { runner in
            let submission = JobSubmission(
                displayName: "name", instanceType: "cpu-2", image: "minimal", command: "echo \"$A\"",
                activeDeadlineSeconds: 77,
                environment: ["A": "b c"], idempotencyKey: "k")
            let first = try runner.supervisor.submit(submission, caller: World.alice)
            try runner.waitForEnd(first.id)
            let again = try runner.supervisor.rerun(first.id.text, overrides: JobSubmission(), caller: World.alice)
            let spec = try runner.store.load(again.id).job.spec
            let old = try runner.store.load(first.id).job.spec
            #expect(
                again.id != first.id && again.rerunOf == first.id && again.userName == "alice"
                    && again.idempotencyKey == nil && again.warnings == nil)
            #expect(
                (spec.displayName, spec.command, spec.environment) == (old.displayName, old.command, old.environment))
            #expect((spec.instanceType, spec.activeDeadlineSeconds) == (old.instanceType, 77))
            try runner.waitForEnd(again.id)
            #expect(try runner.logText(again.id) == "b c\n")
            let changed = try runner.supervisor.rerun(
                "@", overrides: JobSubmission(instanceType: "cpu-1", activeDeadlineSeconds: 5, environment: ["A": "d"]),
                caller: World.alice)
            let third = try runner.store.load(changed.id).job.spec
            #expect(
                (third.instanceType.name, third.activeDeadlineSeconds, third.environment) == ("cpu-1", 5, ["A": "d"]))
            #expect(changed.rerunOf == again.id)
            // That there was no deadline is kept too.
            let endless = try runner.submit("true", deadline: 0)
            let endlessAgain = try runner.supervisor.rerun(
                endless.text, overrides: JobSubmission(), caller: World.alice)
            #expect(endlessAgain.activeDeadlineSeconds == nil)
            for id in [changed.id, endless, endlessAgain.id] { try runner.waitForEnd(id) }
        }
    }

    @Test(
        "Who runs another's job again, as a member or an administrator, gets no values of their variables, and is told which",
        arguments: [World.bob, World.caller("root2", isAdministrator: true)])
    func rerunOfAnothers(_ caller: Caller) async throws {
        var options = WorldOptions()
        options.lab = #", "ownerOnly": true"#
        try await withRunner(options) { runner in
            var catalogue = try CatalogueFile.load(runner.world.cataloguePath)
            catalogue.groups[0].users.append(caller.user.name)
            runner.supervisor.use(catalogue)
            let submission = JobSubmission(
                command: "echo \"${TOKEN-none} ${SEED-none} ${EMPTY-none}\"",
                environment: ["TOKEN": "secret", "SEED": "1", "EMPTY": ""])
            let first = try runner.supervisor.submit(submission, caller: World.alice)
            try runner.waitForEnd(first.id)
            let overrides = JobSubmission(environment: ["SEED": "2"], idempotencyKey: "again")
            let words =
                "the values of alice's variables are not taken over: EMPTY, TOKEN; give them by --env if the job needs them"
            let again = try runner.supervisor.rerun(first.id.text, overrides: overrides, caller: caller)
            #expect(again.warnings == [words] && again.environmentNames == ["SEED"])
            #expect(runner.supervisor.withWarnings(again).warnings?.last == words)
            #expect(try runner.store.load(again.id).job.spec.environment == ["SEED": "2"])
            try runner.waitForEnd(again.id)
            #expect(try runner.logText(again.id) == "none 2 none\n")
            // Asked once more with the same key, it is said once more.
            let same = try runner.supervisor.rerun(first.id.text, overrides: overrides, caller: caller)
            #expect(same.id == again.id && same.warnings == [words])
            // One's own reruns of it are one's own.
            let own = try runner.supervisor.rerun(again.id.text, overrides: JobSubmission(), caller: caller)
            #expect(own.warnings == nil && own.environmentNames == ["SEED"])
            try runner.waitForEnd(own.id)
        }
    }

    @Test("An account that was made again under the same name owns nothing of the old one")
    func madeAgain() async throws {
        try await withRunner { runner in
            try runner.supervisor.drain(reason: "test", caller: World.bob)
            let submission = JobSubmission(command: "true", environment: ["TOKEN": "secret"], idempotencyKey: "key")
            let old = try runner.supervisor.submit(submission, caller: World.alice)
            var alice = World.alice
            alice.user.uid += 1
            #expect(throws: PhjobError.self) { try runner.supervisor.find("@", caller: alice) }
            var mine = JobFilter()
            mine.isMine = true
            #expect(try runner.supervisor.page(mine, caller: alice).items.isEmpty)
            let refusal = #expect(throws: PhjobError.self) {
                try runner.supervisor.set(old.id.text, QueueingChange(hold: true, priority: nil), caller: alice)
            }
            #expect(refusal?.code == .forbidden)
            let rerun = try runner.supervisor.rerun(old.id.text, overrides: JobSubmission(), caller: alice)
            #expect(rerun.environmentNames.isEmpty && rerun.warnings?.count == 1)
            let new = try runner.supervisor.submit(submission, caller: alice)
            #expect(new.id != old.id)
            #expect(try runner.supervisor.submit(submission, caller: alice).id == new.id)
            // So it is after a restart.
            let next = try runner.restart()
            defer { next.kill() }
            #expect(try next.supervisor.submit(submission, caller: alice).id == new.id)
            #expect(try next.supervisor.submit(submission, caller: World.alice).id == old.id)
            #expect(try next.supervisor.find("@", caller: World.alice) == old.id)
        }
    }

    @Test("What cannot be saved is not acknowledged, and nothing is left of it")
    func unwritableState() async throws {
        try await withRunner { runner in
            // To root no mode is a hindrance; a file in the directory's place is.
            let (jobs, away) = ("\(runner.world.statePath)/jobs", "\(runner.world.statePath)/away")
            let done = try runner.submit("true")
            try runner.waitForEnd(done)
            rename(jobs, away)
            try runner.world.directory.write("", to: "state/jobs")
            #expect {
                try runner.submit("echo ran >>$T/ran")
            } throws: {
                let error = $0 as? PhjobError
                return error?.code == .unavailable && error?.message.contains("cannot be saved") == true
            }
            unlink(jobs)
            rename(away, jobs)
            let ids = try runner.store.ids()
            #expect(ids == [done])
            #expect(runner.world.text("ran").isEmpty)
            let next = try runner.submit("echo ran >>$T/ran")
            #expect(try runner.waitForEnd(next).phase == .succeeded)
        }
    }

    @Test("A result that cannot be saved at once is saved later, and the job is not lost")
    func unwritableResult() async throws {
        try await withRunner { runner in
            let id = try runner.submit("echo x >>$T/begun; \(QueueTests.until("go")); exit 5")
            try runner.wait(id, for: .running)
            // Its script is in the directory that is moved away.
            try blockUntil("it has begun") { !runner.world.text("begun").isEmpty }
            let record = "\(runner.world.statePath)/jobs/\(id)"
            rename(record, record + ".away")
            try runner.world.directory.write("", to: "go")
            try blockUntil("the result could not be saved") {
                runner.world.text("runner.log").contains("record-not-saved")
            }
            #expect(try runner.view(id).phase == .running)
            #expect { try runner.cancel(id) } throws: { ($0 as? PhjobError)?.code == .unavailable }
            rename(record + ".away", record)
            let view = try runner.waitForEnd(id)
            #expect((view.phase, view.exitCode) == (.failed, 5))
        }
    }

    @Test("A volume that is missing, a file, or shows the state directory is refused")
    func mounts() async throws {
        try await withRunner { runner in
            let volume = runner.world.directory("volume")
            func refusal() -> String {
                do {
                    try runner.submit("true")
                    return "accepted"
                } catch {
                    return (error as? PhjobError)?.message ?? "\(error)"
                }
            }
            rmdir(volume)
            #expect(refusal().contains("no such file"))
            try runner.world.directory.write("", to: "volume")
            #expect(refusal().contains("is not a directory"))
            unlink(volume)
            symlink(runner.world.statePath, volume)
            #expect(refusal().contains("would show"))
            unlink(volume)
            symlink("/etc", volume)
            #expect(refusal().contains("would show /etc"))
            unlink(volume)
            symlink("/", volume)
            #expect(refusal().contains("would show"))
            let ids = try runner.store.ids()
            #expect(ids.isEmpty)
        }
    }

    @Test("Trying out shows the exact command and changes nothing")
    func dryRun() async throws {
        try await withRunner { runner in
            let answer = try runner.supervisor.tryOut(
                JobSubmission(instanceType: "gpu-2", command: "secret"), caller: World.alice)
            #expect(
                answer.containerCommand.starts(with: ["\(runner.world.engine.binaries)/podman", "run", "--detach"]))
            #expect(answer.containerCommand.contains("--name=phjob-\(answer.job.id)"))
            #expect(!answer.containerCommand.contains { $0.contains("secret") })
            #expect(answer.job.phase == .pending)
            let ids = try runner.store.ids()
            #expect(ids.isEmpty)
            #expect(runner.world.engine.calls(of: "run") == 0)
        }
    }

    @Test("Dry runs ask an engine two at a time, and not again for what is known")
    func manyDryRuns() async throws {
        try await withRunner { runner in
            let engine = runner.world.engine
            let tryOut: @Sendable () throws -> DryRunAnswer = {
                try runner.supervisor.tryOut(JobSubmission(command: "true"), caller: World.alice)
            }
            _ = try tryOut()
            let gate = engine.makeGate("inspect")
            try engine.rule("image-inspect", "gate inspect")
            let before = engine.calls(of: "image-inspect")
            let waiters = (0..<12).map { _ in Waiter { try tryOut() } }
            try blockUntil("two ask") { engine.calls(of: "image-inspect") == before + 2 }
            // Who has gone asks no more.
            let gone = Waiter {
                try runner.supervisor.tryOut(JobSubmission(command: "true"), caller: World.alice) { false }
            }
            #expect(engine.calls(of: "image-inspect") == before + 2)
            let opened = try gate.open()
            for waiter in waiters { #expect(try waiter.get().containerCommand.contains("run")) }
            #expect(throws: PhjobError.self) { try gone.get() }
            withExtendedLifetime(opened) {}
            try engine.changeImageList()
            _ = try tryOut()
            let known = engine.calls(of: "image-inspect")
            for _ in 0..<3 { _ = try tryOut() }
            #expect(engine.calls(of: "image-inspect") == known)
        }
    }

    @Test("A byte order mark is no part of a script, and DOS line ends in its first line are refused")
    func scriptText() async throws {
        try await withRunner { runner in
            let id = try runner.submit("\u{FEFF}#!/bin/sh\necho output")
            #expect(try runner.waitForEnd(id).phase == .succeeded)
            #expect(try runner.store.load(id).job.spec.command == "#!/bin/sh\necho output")
            for script in ["#!/bin/sh\r\nls\r\n", "\u{FEFF}#!/bin/sh\r\nls", "#!/bin/sh\r"] {
                let error = #expect(throws: PhjobError.self) { try runner.submit(script) }
                #expect(error?.message.contains("'#!/bin/sh' ends with a carriage return") == true)
                #expect(error?.hint?.contains("dos2unix") == true)
            }
            #expect(try runner.waitForEnd(runner.submit("#!/bin/sh\nprintf 'a\r\n'")).phase == .succeeded)
        }
    }

    @Test("Without any engine a submission is refused with what to do, and one that is installed then is found")
    func noEngine() async throws {
        var options = WorldOptions()
        options.hasEngine = false
        try await withRunner(options) { runner in
            #expect { try runner.submit("true") } throws: {
                let error = $0 as? PhjobError
                return error?.code == .unavailable && error?.message.contains("no container engine was found") == true
            }
            #expect(runner.status.engineProblem?.contains("no container engine was found") == true)
            try runner.world.installEngineLate()
            #expect(try runner.waitForEnd(runner.submit("true")).phase == .succeeded)
            #expect(runner.status.engineProblem == nil)
        }
    }
}
