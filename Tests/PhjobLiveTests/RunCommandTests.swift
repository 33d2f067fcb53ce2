import Foundation
import PhjobAPI
import PhjobCore
import PhjobTestSupport
import Testing

/// `phjob run`: what a shell wrapper or a CI step calls.
@Suite struct RunCommandTests {
    @Test(arguments: LiveEngine.all) func exitCodes(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            for code: Int32 in [0, 1, 7, 64, 125, 255] {
                let result = try phjob("run", "--", "exit \(code)")
                #expect(result.status == code, "\(result.errors)")
                #expect(result.bytes.isEmpty)
            }
        }
    }

    /// Output is the job's alone; words about it are for stderr, or not at all.
    @Test(arguments: LiveEngine.all) func output(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let result = try phjob("run", "--", "echo to stdout; echo to stderr >&2")
            #expect(Set(result.lines) == ["to stdout", "to stderr"])
            #expect(result.errors.hasPrefix("phjob: job-"))
            let quiet = try phjob("run", "--quiet", "--", "echo x")
            #expect(quiet.text == "x\n")
            #expect(quiet.errors == "")
        }
    }

    @Test(arguments: LiveEngine.all) func cancelledElsewhere(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let run = try phjob.start("run", "--", "echo started; sleep 3600")
            try blockUntil("the job has started") { run.text == "started\n" }
            try phjob("cancel", "@")
            #expect(try run.end().status == 120)
        }
    }

    /// Ctrl-C leaves the job running, and says how to come back to it.
    @Test(arguments: LiveEngine.all) func interrupted(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let run = try phjob.start(
                "run", "--", "echo started; while [ ! -e /project/lab/go ]; do sleep 0.1; done; exit 3")
            try blockUntil("the job has started") { run.text == "started\n" }
            run.signal(SIGINT)
            let end = try run.end()
            #expect(end.status == 130)
            let id = try phjob.jobs()[0]
            #expect(end.errors.contains("phjob logs --follow \(id)") && end.errors.contains("phjob cancel \(id)"))
            #expect(try phjob.wait(for: .running, of: #require(JobID(id))).phase == .running)
            try phjob.directory.write("", to: "volume/go")
            #expect(try phjob("wait", id).status == 3)
        }
    }

    @Test(arguments: LiveEngine.all) func cancelOnInterrupt(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script = "trap 'echo saved; exit 0' TERM; echo started; while :; do sleep 0.1; done"
            for signal in [SIGINT, SIGTERM] {
                let run = try phjob.start("run", "--cancel-on-interrupt", "--", script)
                try blockUntil("the job has started") { run.text == "started\n" }
                run.signal(signal)
                let end = try run.end()
                #expect(end.status == 120, "\(end.errors)")
                #expect(end.text == "started\nsaved\n")
                #expect(try phjob.get(#require(JobID(phjob.jobs()[0]))).phase == .cancelled)
            }
        }
    }

    /// A runner that is replaced while a command follows a job is no more than a pause.
    @Test(arguments: LiveEngine.all) func runnerReplacedMeanwhile(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let run = try phjob.start(
                "run", "--", "seq 100; while [ ! -e /project/lab/go ]; do sleep 0.1; done; seq 101 200; exit 9")
            try blockUntil("the job has started") { run.text.hasSuffix("100\n") }
            try phjob.killRunner()
            #expect(try phjob("list").status == 0)
            try phjob.directory.write("", to: "volume/go")
            let end = try run.end()
            #expect(end.status == 9, "\(end.errors)")
            #expect(end.lines == (1...200).map(String.init))
        }
    }

    @Test(arguments: LiveEngine.all) func waitForSeveral(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let slow = try phjob.submit("while [ ! -e /project/lab/go ]; do sleep 0.1; done; exit 4")
            let fast = try phjob.submit("exit 5")
            let any = try phjob("wait", "--any", "--quiet", slow.text, fast.text)
            #expect(any.status == 5)
            #expect(any.text == "\(fast)\n")
            #expect(try phjob("wait", "--timeout", "1s", slow.text).status == 124)
            try phjob.directory.write("", to: "volume/go")
            #expect(try phjob("wait", slow.text, fast.text).status == 4)
        }
    }
}
