import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// How jobs end, and what is said of it.
@Suite struct OutcomeTests {
    @Test(arguments: LiveEngine.all) func success(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let id = try phjob.submit("echo hello")
            let job = try phjob.end(of: id)
            #expect(job.phase == .succeeded)
            #expect(job.reason == .completed)
            #expect(job.exitCode == 0)
            #expect(job.signal == nil)
            #expect(job.log.state == .complete)
            #expect(job.log.incomplete == nil)
            #expect(try phjob.log(id).text == "hello\n")
            let times = [job.createTime, try #require(job.startTime), try #require(job.finishTime)]
            #expect(times == times.sorted())
            #expect(job.history.map(\.phase) == [.pending, .preparing, .running, .succeeded])
            let digest = try #require(job.imageDigest)
            #expect(digest.hasPrefix("sha256:") && digest.utf8.count == 71)
        }
    }

    @Test(arguments: LiveEngine.all) func failure(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let job = try phjob.end(of: phjob.submit("echo before; exit 7; echo after"))
            #expect(job.phase == .failed)
            #expect(job.reason == .nonZeroExit)
            #expect(job.exitCode == 7)
            #expect(job.message.contains("exit code 7"))
            #expect(try phjob.log(job.id).text == "before\n")
            #expect(try phjob("wait", job.id.text).status == 7)
        }
    }

    /// The first process is an init, so a signal to the command ends it as it would outside.
    @Test(arguments: LiveEngine.all) func signal(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            for (number, name) in [(SIGTERM, "SIGTERM"), (SIGSEGV, "SIGSEGV"), (SIGKILL, "SIGKILL")] {
                let job = try phjob.end(of: phjob.submit("kill -\(number) $$; sleep 30"))
                #expect(job.phase == .failed)
                #expect(job.reason == .signalled)
                #expect(job.exitCode == 128 + number)
                #expect(job.signal == name)
                #expect(job.message.contains(name))
            }
        }
    }

    @Test(arguments: LiveEngine.all) func outOfMemory(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try phjob.requireLimit("memory")
            let job = try phjob.end(of: phjob.submit("echo start; exec dd if=/dev/zero of=/dev/null bs=300M count=1"))
            #expect(job.phase == .failed)
            #expect(job.reason == .outOfMemory)
            #expect(job.exitCode == 137)
            #expect(job.message.contains("64M"))
            // An engine on a busy machine can take the control group away before it was read.
            if let peak = job.peakMemoryBytes { #expect((32 << 20...64 << 20).contains(peak)) }
            #expect(try phjob.log(job.id).text == "start\n")
            // What fits beneath the limit runs.
            let other = try phjob.end(of: phjob.submit("dd if=/dev/zero of=/dev/null bs=20M count=2"))
            #expect(other.phase == .succeeded, "\(other.message)")
        }
    }

    /// W3: a job that goes on after one of its processes was killed says so while it runs, and at its end; podman on cgroup v2 ends
    /// all of it.
    @Test(arguments: LiveEngine.all) func outOfMemoryOfAChild(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try phjob.requireLimit("memory")
            let id = try phjob.submit(
                "dd if=/dev/zero of=/dev/null bs=300M count=1; echo ended with $?; "
                    + "while [ ! -e /project/lab/go ]; do sleep 0.1; done")
            if engine == .podman, access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 {
                #expect(try phjob.end(of: id).reason == .outOfMemory)
                return
            }
            let words = "1 of its processes was killed: out of memory"
            try LivePhjob.poll("it says so while it runs") {
                let job = try phjob.get(id)
                return job.phase == .running && job.message == "the job is running; \(words)"
            }
            #expect(try phjob("list").text.contains(words))
            try phjob.directory.write("", to: "volume/go")
            let job = try phjob.end(of: id)
            #expect(job.phase == .succeeded && job.outOfMemoryKills == 1)
            #expect(job.message == "the command ended with exit code 0; \(words)")
            // An engine on a busy machine can take the control group away before it was read.
            if let peak = job.peakMemoryBytes, let part = job.peakMemoryWithoutCacheBytes { #expect(part <= peak) }
            #expect(try phjob.log(id).text.contains("ended with 137\n"))
        }
    }

    @Test(arguments: LiveEngine.all, ["absent", "never"])
    func imageThatIsMissing(_ engine: LiveEngine, _ image: String) async throws {
        try await LivePhjob.with(engine) { phjob in
            let result = try phjob("run", "--image", image, "--", "echo no")
            #expect(result.status == 122)
            #expect(!result.text.contains("no\n"))
            let job = try phjob.get(#require(JobID(phjob.jobs()[0])))
            #expect(job.phase == .failed)
            #expect(job.reason == .imageUnavailable)
            #expect(job.exitCode == nil)
            #expect(job.startTime == nil)
            // The engine's own words, which name the registry; or our own, where none was asked.
            let words = image == "absent" ? "connection refused" : "never to pull"
            #expect(job.message.contains(words), "\(job.message)")
            #expect(result.errors.contains(words))
            // What the engine said while it tried is in the log, too.
            if image == "absent" { #expect(result.text.contains("pulling the image localhost:1/phjob/absent:latest")) }
        }
    }

    @Test(arguments: LiveEngine.all) func imageWithoutAShell(_ engine: LiveEngine) async throws {
        let name = "localhost/phjob/test-shell-less-\(UInt32.random(in: 0 ... .max)):latest"
        try await LivePhjob.with(engine) { phjob, catalogue in
            catalogue.images.append(LiveCatalogue.image("bare", name, pullPolicy: "never"))
        } _: { phjob in
            try phjob.importImage(of: ["true": LivePhjob.staticProgram()], as: name)
            defer { _ = try? engine.call("rmi", "--force", name) }
            let result = try phjob("run", "--image", "bare", "--", "/true")
            #expect(result.status == 122)
            let job = try phjob.get(#require(JobID(phjob.jobs()[0])))
            #expect(job.phase == .failed)
            #expect(job.reason == .containerFailed)
            #expect(job.message.contains("no /bin/sh"), "\(job.message)")
        }
    }

    /// A shell of another architecture: what says so is the runtime or its init, and the exit code is not the job's.
    @Test(arguments: LiveEngine.all) func imageForAnotherProcessor(_ engine: LiveEngine) async throws {
        let name = "localhost/phjob/test-foreign-\(UInt32.random(in: 0 ... .max)):latest"
        try await LivePhjob.with(engine) { phjob, catalogue in
            catalogue.images.append(LiveCatalogue.image("foreign", name, pullPolicy: "never"))
        } _: { phjob in
            var shell = try LivePhjob.staticProgram()
            // `e_machine` of the ELF header (elf(5)): a number that no machine has.
            shell.replaceSubrange(18..<20, with: [0xee, 0xee])
            try Directory.create(phjob.directory("image/bin"))
            try phjob.importImage(of: ["bin/sh": shell], as: name)
            defer { _ = try? engine.call("rmi", "--force", name) }
            let result = try phjob("run", "--image", "foreign", "--", "true")
            #expect(result.status == 122, "\(result.errors)")
            let job = try phjob.get(#require(JobID(phjob.jobs()[0])))
            #expect(job.reason == .containerFailed && job.exitCode == nil)
            #expect(job.message.lowercased().contains("exec format error"), "\(job.message)")
        }
    }

    @Test(arguments: LiveEngine.all) func aMissingInterpreter(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try phjob.directory.write("#!/usr/bin/python3 -u\nprint()\n", to: "script.py")
            let result = try phjob("run", phjob.directory("script.py"))
            #expect(result.status == 122)
            #expect(result.errors.contains("names /usr/bin/python3, which the image has not"), "\(result.errors)")
        }
    }

    @Test(arguments: LiveEngine.all) func rerunKeepsAll(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script = "echo \"$COLOUR-$PHJOB_INSTANCE_TYPE\""
            let options = ["--env", "COLOUR=blue", "--deadline", "90s", "--name", "colours", "--instance-type", "one"]
            let first = try phjob.run(["submit", "--wait"] + options + ["--", script])
            let id = try #require(JobID(first.lines[0]))
            let again = try phjob("rerun", "--wait", id.text)
            #expect(again.status == 0, "\(again.errors)")
            let job = try phjob.get(#require(JobID(again.lines[0])))
            #expect(job.id != id)
            #expect(job.rerunOf == id)
            #expect(job.activeDeadlineSeconds == 90)
            #expect(job.displayName == "colours")
            #expect(job.environmentNames == ["COLOUR"])
            #expect(try phjob.log(job.id).text == "blue-one\n")
            let changed = try phjob("rerun", "--wait", "--env", "COLOUR=red", "--instance-type", "small", id.text)
            let other = try phjob.get(#require(JobID(changed.lines[0])))
            #expect(try phjob.log(other.id).text == "red-small\n")
            #expect(other.activeDeadlineSeconds == 90)
        }
    }
}
