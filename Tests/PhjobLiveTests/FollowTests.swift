import Foundation
import PhjobAPI
import PhjobCore
import PhjobTestSupport
import Testing

/// Logs while they are written.
@Suite struct FollowTests {
    /// Each line is seen while the job waits for that, so none is held back.
    @Test(arguments: LiveEngine.all) func everyLineIsSeenAtOnce(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script = """
                for i in 1 2 3 4 5; do
                    echo line $i; while [ ! -e /project/lab/seen-$i ]; do sleep 0.02; done
                done
                printf 'the end'; exit 6
                """
            let id = try phjob.submit(script)
            let follower = try phjob.start("logs", "--follow", "--exit-code", id.text)
            let second = try phjob.start("logs", "--follow", id.text)
            for line in 1...5 {
                let expected = (1...line).map { "line \($0)\n" }.joined()
                try blockUntil("line \(line) is seen") {
                    follower.text == expected && second.text == expected
                }
                try phjob.directory.write("", to: "volume/seen-\(line)")
            }
            let end = try follower.end()
            #expect(end.status == 6)
            #expect(end.text.hasSuffix("line 5\nthe end"))
            let other = try second.end()
            #expect(other.status == 0)
            #expect(other.bytes == end.bytes)
        }
    }

    /// From before the start to after the end, and with only the last lines to begin with.
    @Test(arguments: LiveEngine.all) func fromTheQueueToTheEnd(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.node["cpus"] = .number(0.5)
        } _: { phjob in
            let first = try phjob.submit("while [ ! -e /project/lab/go ]; do sleep 0.1; done")
            let second = try phjob.submit("seq 50; while [ ! -e /project/lab/end ]; do sleep 0.1; done; seq 51 60")
            let follower = try phjob.start("logs", "--follow", second.text)
            try phjob.wait(for: .running, of: first)
            #expect(follower.text.isEmpty)
            try phjob.directory.write("", to: "volume/go")
            try blockUntil("the lines are seen") { follower.text.hasSuffix("50\n") }
            let late = try phjob.start("logs", "--follow", "--tail", "2", second.text)
            try blockUntil("the last lines are seen") { late.text == "49\n50\n" }
            // Looking without following does not disturb those who do.
            #expect(try phjob.log(second).lines.count == 50)
            try phjob.directory.write("", to: "volume/end")
            #expect(try follower.end().lines == (1...60).map(String.init))
            #expect(try late.end().lines == (49...60).map(String.init))
            // After the end following shows what there is, and ends.
            #expect(try phjob("logs", "--follow", second.text).lines == (1...60).map(String.init))
        }
    }

    @Test(arguments: LiveEngine.all) func leaving(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let id = try phjob.submit("echo started; while [ ! -e /project/lab/go ]; do sleep 0.1; done; echo ended")
            try phjob.wait(for: .running, of: id)
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                let follower = try phjob.start("logs", "--follow", id.text)
                try blockUntil("it has started") { follower.text == "started\n" }
                follower.signal(signal)
                let end = try follower.end()
                #expect(end.status == 128 + signal)
                #expect(end.errors.contains("phjob logs --follow \(id)"))
                #expect(end.errors.contains("phjob cancel \(id)"))
                #expect(try phjob.get(id).phase == .running)
            }
            try phjob.directory.write("", to: "volume/go")
            #expect(try phjob.end(of: id).phase == .succeeded)
        }
    }

    /// A reader that does not read holds up neither the job nor other readers.
    @Test(arguments: LiveEngine.all) func readerThatDoesNotRead(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let id = try phjob.submit("seq 150000; echo done", "--instance-type", "one")
            let pipe = phjob.directory("pipe")
            try #require(mkfifo(pipe, 0o600) == 0)
            let held = open(pipe, O_RDWR)
            defer { close(held) }
            let stuck = try BackgroundCommand(
                "/bin/sh", ["-c", "exec \"$0\" logs --follow \(id) >'\(pipe)'", LivePhjob.binary],
                environment: phjob.environment, directory: phjob.directory)
            let job = try phjob.end(of: id)
            #expect(job.phase == .succeeded, "\(job.message)")
            #expect(job.log.incomplete == nil)
            let lines = try phjob.log(id).lines
            #expect(lines.count == 150_001 && lines.last == "done", "\(lines.count) \(lines.last ?? "")")
            #expect(stuck.isRunning, "it has read all: the test shows nothing")
            stuck.signal(SIGKILL)
            #expect(try stuck.end().status == 128 + SIGKILL)
        }
    }
}
