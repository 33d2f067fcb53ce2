import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobRunnerTestSupport
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("How jobs end")
struct OutcomeTests {
    @Test("A command that ends well has succeeded", arguments: EngineName.allCases)
    func success(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit("echo hello; echo there >&2; echo $PHJOB_ID")
            let view = try runner.waitForEnd(id)
            #expect(view.phase == .succeeded)
            #expect(view.reason == .completed)
            #expect(view.exitCode == 0)
            #expect(view.signal == nil)
            #expect(try runner.logText(id) == "hello\nthere\n\(id)\n")
            #expect(view.log.state == .complete)
            #expect(view.log.incomplete == nil)
            let (start, finish) = (try #require(view.startTime), try #require(view.finishTime))
            #expect(view.createTime <= start && start <= finish)
            #expect(view.history.map(\.phase) == [.pending, .preparing, .running, .succeeded])
            // Nothing of it is left but record and log.
            #expect(runner.world.engine.containers.isEmpty)
            #expect(
                try runner.world.directory.names("state/jobs/\(id)").filter { !$0.hasPrefix("log") } == ["job.json"])
        }
    }

    @Test("Another exit code is recorded", arguments: EngineName.allCases)
    func failure(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            for code in [1, 7, 125, 126, 127, 255] as [Int32] {
                let view = try runner.waitForEnd(runner.submit("exit \(code)"))
                #expect(view.phase == .failed)
                #expect(view.exitCode == code)
                // 128 and above may be a signal's; 255 is none.
                #expect(view.reason == .nonZeroExit)
            }
        }
    }

    @Test("A signal is named", arguments: EngineName.allCases)
    func signal(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let killed = try runner.waitForEnd(runner.submit("kill -KILL $$"))
            #expect((killed.phase, killed.reason) == (.failed, .signalled))
            #expect((killed.exitCode, killed.signal) == (137, "SIGKILL"))
            let ended = try runner.waitForEnd(runner.submit("kill -TERM $$"))
            #expect((ended.exitCode, ended.signal) == (143, "SIGTERM"))
        }
    }

    @Test("The log has every line and the unfinished last one", arguments: EngineName.allCases)
    func logIsComplete(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            let id = try runner.submit(
                "for ((i = 1; i <= 2000; i++)); do echo \"line $i\"; done; printf '\\377\\001no end'; exit 3")
            let view = try runner.waitForEnd(id)
            #expect(view.exitCode == 3)
            let wanted = (1...2000).map { "line \($0)\n" }.joined()
            #expect(try runner.log(id) == Array(wanted.utf8) + [0xff, 1] + Array("no end".utf8))
        }
    }

    @Test("Many jobs at once all end with their own code")
    func many() async throws {
        try await withRunner { runner in
            let ids = try (0..<24).map { try runner.submit("exit \($0)") }
            for (code, id) in ids.enumerated() { #expect(try runner.waitForEnd(id).exitCode == Int32(code)) }
            #expect(runner.world.engine.containers.isEmpty)
            // Jobs that end together are looked at and removed together.
            #expect(runner.world.engine.calls(of: "rm") < 3 * ids.count)
        }
    }

    @Test("A command that never began has not failed itself", arguments: EngineName.allCases, [0, 1, 126, 137])
    func neverBegan(_ engine: EngineName, _ code: Int32) async throws {
        try await withRunner(.on(engine)) { runner in
            // In place of the launcher, what the runtime's init says of a shell that does not run here.
            let end = code == 137 ? "kill -KILL \\$\\$" : "exit \(code)"
            try runner.world.engine.once(
                "run-created", "echo \"echo 'exec /bin/sh failed: Exec format error'; \(end)\" >\"$dir/start\"")
            let view = try runner.waitForEnd(runner.submit("echo x >>$T/ran"))
            #expect((view.phase, view.reason, view.exitCode) == (.failed, .containerFailed, nil))
            #expect(view.message.contains("exec /bin/sh failed: Exec format error"), "\(view.message)")
            #expect(runner.world.text("ran").isEmpty)
        }
    }

    @Test("A job that was prepared without a mark keeps its exit code", arguments: EngineName.allCases)
    func preparedWithoutAMark(_ engine: EngineName) async throws {
        try await withRunner(.on(engine)) { runner in
            // The launcher of an earlier phjob, and no file for a mark.
            try runner.world.engine.once(
                "run-created", "rm \"$root\"/../state/jobs/*/run/began; echo 'exit 126' >\"$dir/start\"")
            let view = try runner.waitForEnd(runner.submit("exit 126"))
            #expect((view.reason, view.exitCode) == (.nonZeroExit, 126))
        }
    }

    @Test("Out of memory is told by the engine, and names the limit")
    func outOfMemory() async throws {
        try await withRunner { runner in
            try runner.world.engine.rule("container-inspect", "FORCE_OOM=true")
            let view = try runner.waitForEnd(runner.submit("kill -KILL $$"))
            #expect(view.reason == .outOfMemory)
            #expect(view.message.contains("64M"))
        }
    }
}
