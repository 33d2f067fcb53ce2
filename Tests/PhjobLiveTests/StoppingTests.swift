import Foundation
import Glibc
import PhjobAPI
import PhjobCore
import PhjobTestSupport
import Testing

/// Deadlines and cancelling: SIGTERM, a grace period, SIGKILL.
@Suite struct StoppingTests {
    @Test(arguments: LiveEngine.all) func deadline(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script = "trap 'echo ending; exit 3' TERM; echo started; while :; do sleep 0.1; done"
            let result = try phjob("run", "--deadline", "4s", "--", script)
            #expect(result.status == 121)
            #expect(result.text == "started\nending\n")
            let job = try phjob.get(#require(JobID(phjob.jobs()[0])))
            #expect(job.phase == .failed)
            #expect(job.reason == .deadlineExceeded)
            #expect(job.exitCode == 3)
            #expect(job.message.contains("4s"))
            #expect(try phjob.log(job.id).text == "started\nending\n")
            let seconds = try #require(job.finishTime).seconds(since: #require(job.startTime))
            #expect(seconds >= 4)
        }
    }

    @Test(arguments: LiveEngine.all) func deadlineOfAJobThatIgnoresSIGTERM(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.limits["stopGraceSeconds"] = .integer(1)
        } _: { phjob in
            let script = "trap '' TERM; echo started; while :; do sleep 0.1; done"
            let job = try phjob.end(of: phjob.submit(script, "--deadline", "4s"))
            #expect(job.reason == .deadlineExceeded)
            #expect(job.exitCode == 137)
            #expect(job.signal == "SIGKILL")
            #expect(try phjob.log(job.id).text == "started\n")
        }
    }

    @Test(arguments: LiveEngine.all) func cancelWithGrace(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script =
                "trap 'echo asked; sleep 0.5; echo saved; exit 0' TERM; echo ready; while :; do sleep 0.1; done"
            let id = try phjob.submit(script)
            try phjob.wait(forOutput: "ready", of: id)
            let waiting = try phjob.start("wait", id.text)
            #expect(try phjob("cancel", id.text).text == "\(id)\n")
            #expect(try waiting.end().status == 120)
            let job = try phjob.end(of: id)
            #expect(job.phase == .cancelled)
            #expect(job.reason == .cancelledByUser)
            #expect(job.cancelledBy == job.userName)
            #expect(job.exitCode == 0)
            #expect(try phjob.log(id).text == "ready\nasked\nsaved\n")
            // The end is final.
            let record = try phjob("get", "--json", id.text).lines
            let again = try phjob("cancel", id.text)
            #expect(again.status == 1)
            #expect(again.errors.contains("Cancelled"))
            let after = try phjob("get", "--json", id.text).lines
            #expect(after == record, "\(after.difference(from: record))")
        }
    }

    @Test(arguments: LiveEngine.all) func cancelOfAJobThatIgnoresSIGTERM(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.limits["stopGraceSeconds"] = .integer(1)
        } _: { phjob in
            let id = try phjob.submit("trap '' TERM; echo ready; while :; do sleep 0.1; done")
            try phjob.wait(forOutput: "ready", of: id)
            try phjob("cancel", id.text)
            let job = try phjob.end(of: id)
            #expect(job.phase == .cancelled)
            #expect(job.signal == "SIGKILL")
            let stopping = try #require(job.finishTime).seconds(since: #require(job.startTime))
            #expect(stopping >= 1)
        }
    }

    /// A process that is stopped cannot take SIGTERM.
    @Test(arguments: LiveEngine.all) func cancelOfAJobThatIsStopped(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.limits["stopGraceSeconds"] = .integer(1)
        } _: { phjob in
            let id = try phjob.submit("echo ready; while :; do sleep 0.1; done")
            try phjob.wait(forOutput: "ready", of: id)
            let first = try engine.call("container", "inspect", "--format={{.State.Pid}}", phjob.containerName(of: id))
            let pid = try #require(pid_t(first.text.trimmingCharacters(in: .newlines)))
            #expect(kill(pid, SIGSTOP) == 0)
            try phjob("cancel", id.text)
            #expect(try phjob.end(of: id).phase == .cancelled)
        }
    }

    @Test(arguments: LiveEngine.all) func cancelOfAJobThatWaits(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.node["cpus"] = .number(0.5)
        } _: { phjob in
            let first = try phjob.submit("sleep 3600")
            let second = try phjob.submit("echo never")
            try phjob.wait(for: .running, of: first)
            let waiting = try phjob.get(second)
            #expect(waiting.phase == .pending)
            #expect(waiting.queuePosition == 1)
            #expect(waiting.message.contains("CPU"), "\(waiting.message)")
            try phjob("cancel", second.text)
            let job = try phjob.get(second)
            #expect(job.phase == .cancelled)
            #expect(job.startTime == nil)
            #expect(try phjob.log(second).bytes.isEmpty)
            #expect(try phjob.get(first).phase == .running)
            try phjob("cancel", first.text)
            #expect(try phjob.end(of: first).phase == .cancelled)
        }
    }
}
