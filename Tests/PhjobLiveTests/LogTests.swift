import Foundation
import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// Logs are whole, to the last byte.
@Suite struct LogTests {
    @Test(arguments: LiveEngine.all) func everyLine(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let expected = (1...10_000).map { "line \($0)\n" }.joined()
            let script = "i=0; while [ $i -lt 10000 ]; do i=$((i + 1)); echo line $i; done"
            let followed = try phjob("run", "--instance-type", "one", "--", script)
            #expect(followed.status == 0)
            #expect(followed.text == expected)
            #expect(try phjob("logs", "@").text == expected)
        }
    }

    /// The end is told before an engine has handed over its log; who then asks gets all of it.
    @Test(arguments: LiveEngine.all) func justAfterTheEnd(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let result = try phjob.shell(
                #"id=$("$PHJOB" submit --instance-type one -- "seq 200000") && "$PHJOB" wait "$id" && "$PHJOB" logs "$id""#
            )
            let lines = result.lines
            #expect(lines.count == 200_000)
            #expect(lines.last == "200000")
        }
    }

    /// Every byte, none of it text: what a terminal or an engine's log format could take for its own.
    @Test(arguments: LiveEngine.all) func binary(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            var bytes = (0...255).map { UInt8($0) }
            bytes += Array(
                "\r\n\n\nP stdout F\u{1b}[31m\u{9b}2J\r progress\r\u{1b}]0;title\u{7}{\"log\":\"x\\n\"}\n".utf8)
            bytes += [0xff, 0xfe, 0xc3, 0x28, 0x80, 0x00]
            if engine == .docker {
                // The daemon keeps logs as JSON text, in which only UTF-8 has a place: other bytes become U+FFFD there.
                bytes = Array(String(decoding: bytes, as: UTF8.self).utf8)
            }
            try phjob.directory.write(bytes, to: "data/bytes")
            let job = try phjob.end(of: phjob.submit("cat /datasets/data/bytes"))
            #expect(job.log.incomplete == nil)
            #expect(try phjob.log(job.id).bytes == bytes)
        }
    }

    @Test(arguments: LiveEngine.all) func lastLineWithoutItsEnd(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            for text in ["x", "no newline at the end", "\n", "\n\n\nx"] {
                try phjob.directory.write(text, to: "data/text")
                let result = try phjob("run", "--", "cat /datasets/data/text")
                #expect(result.text == text)
                #expect(try phjob("logs", "@").text == text)
            }
        }
    }

    @Test(arguments: LiveEngine.all) func longLine(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let line = String(repeating: "0123456789", count: 5000)
            let text = "first\n\(line)\nlast \(line)\(line)"
            try phjob.directory.write(text, to: "data/text")
            let id = try phjob.submit("cat /datasets/data/text")
            try phjob.end(of: id)
            #expect(try phjob.log(id).text == text)
            #expect(try phjob.log(id, "--tail", "1").text == "last \(line)\(line)")
        }
    }

    /// Both streams are there whole, each in its order; which comes first between them, engines do not promise.
    @Test(arguments: LiveEngine.all) func bothStreams(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script = "i=0; while [ $i -lt 500 ]; do i=$((i + 1)); echo out $i; echo err $i >&2; done"
            let job = try phjob.end(of: phjob.submit(script, "--instance-type", "one"))
            let lines = try phjob.log(job.id).lines
            for stream in ["out", "err"] {
                #expect(lines.filter { $0.hasPrefix(stream) } == (1...500).map { "\(stream) \($0)" })
            }
            #expect(lines.count == 1000)
        }
    }

    @Test(arguments: LiveEngine.all) func parts(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let id = try phjob.submit("seq 100; sleep 3; echo late")
            let job = try phjob.end(of: id)
            #expect(try phjob.log(id, "--tail", "3").lines == ["99", "100", "late"])
            #expect(try phjob.log(id, "--tail", "0").bytes.isEmpty)
            #expect(try phjob.log(id, "--tail", "1000").lines.count == 101)
            let stamped = try phjob.log(id, "--timestamps", "--tail", "2").lines.map {
                $0.split(separator: " ", maxSplits: 1)
            }
            #expect(stamped.map { String($0[1]) } == ["100", "late"])
            let times = try stamped.map { try #require(Timestamp(String($0[0])), "\($0)") }
            let start = try #require(job.startTime)
            #expect(times[0] >= start.adding(seconds: -1))
            #expect(times[1].seconds(since: times[0]) >= 1)
            #expect(try phjob.log(id, "--since", times[1].description).lines == ["late"])
        }
    }

    /// On a terminal nothing of a log or a name may command it.
    @Test(arguments: LiveEngine.all) func terminal(_ engine: LiveEngine) async throws {
        try #require(try HostProcess.shell("command -v script").isSuccess, "the program script(1) is missing")
        try await LivePhjob.with(engine) { phjob in
            let id = try phjob.submit(#"printf '\033]0;title\007\033[2J\033[31mred\033[0m\n'"#)
            try phjob.end(of: id)
            #expect(try phjob.log(id).text == "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31mred\u{1b}[0m\n")
            let shown = try phjob.shell("script -qec '\"$PHJOB\" logs \(id)' /dev/null </dev/null").text
            #expect(shown.contains("\u{1b}[31mred\u{1b}[0m"))
            #expect(!shown.contains("\u{1b}]") && !shown.contains("\u{7}") && !shown.contains("\u{1b}[2J"))
            #expect(shown.contains("title"))
        }
    }

    /// Prints so many lines of 100 bytes, each with its number.
    private static func numbers(_ count: Int) -> String {
        "awk 'BEGIN { for (i = 1; i <= \(count); i++) printf \"%099d\\n\", i }'"
    }

    /// Two files share the bound, and what is missing between them is said once, on stderr.
    @Test(arguments: LiveEngine.all) func bound(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(
            engine, configure: { _, catalogue in catalogue.limits["logMaxSize"] = .string("256K") }
        ) { phjob in
            // More than half of the bound, and less than all of it.
            let small = try phjob.end(of: phjob.submit(Self.numbers(1100)))
            let whole = try phjob.log(small.id)
            #expect(whole.lines.map { Int($0) } == Array(1...1100) && whole.errors == "")
            #expect(small.log.incomplete == nil && small.log.state == .complete)
            let count = 20_000
            let job = try phjob.end(of: phjob.submit(Self.numbers(count)))
            let read = try phjob.log(job.id)
            let lines = read.lines.map { Int($0) ?? 0 }
            let first = Array(zip(lines, 1...)).prefix { $0 == $1 }.count
            #expect(lines == Array(1...count).prefix(first) + Array(1...count).suffix(lines.count - first))
            #expect(lines.count < 2700)
            #expect(read.errors.components(separatedBy: "may lack lines").count == 2, "\(read.errors)")
            #expect(read.errors.contains("reached its bound") && !read.text.contains("phjob"))
            #expect(job.log.incomplete?.contains("reached its bound") == true)
            guard engine == .podman else { return }
            #expect(
                try phjob("get", job.id.text).text.contains(
                    "lacks lines: it reached its bound (limits.logMaxSize): the first "))
            // A record is a time of 35 bytes, ` stdout F `, and the line.
            let record: Int64 = 35 + 10 + 100
            let dropped = try #require(job.log.droppedBytes)
            let missing = Int64(count - lines.count) * record
            // Each 8 KiB that conmon reads may end amid a line, which then has two records.
            #expect(dropped <= missing + missing / 100, "\(dropped), \(missing)")
            #expect(dropped >= missing || job.log.incomplete?.contains("at least") == true, "\(dropped), \(missing)")
            #expect(read.errors.contains("\(dropped) bytes"))
            let sizes = ["log", "log.head"].map { phjob.directory.status("state/jobs/\(job.id)/\($0)")?.st_size ?? 0 }
            #expect(sizes.allSatisfy { $0 > 0 } && sizes.reduce(0, +) <= 256 << 10, "\(sizes)")
        }
    }

    /// Who keeps up with a log misses nothing, however often its files change, and is told nothing.
    @Test func followedOverItsBound() async throws {
        try #require(LiveEngine.all.contains(.podman))
        try await LivePhjob.with(
            .podman, configure: { _, catalogue in catalogue.limits["logMaxSize"] = .string("256K") }
        ) { phjob in
            // A file's worth at a time, each after the last has been shown.
            let script = "while read -r n; do \(Self.numbers(1000)); echo end $n; done </project/lab/pipe"
            mkfifo(phjob.directory("volume/pipe"), 0o600)
            let run = try phjob.start("run", "--", script)
            let pipe = try Descriptor(opening: phjob.directory("volume/pipe"), flags: O_RDWR)
            for round in 1...6 {
                try pipe.write(Array("\(round)\n".utf8))
                try LivePhjob.poll("round \(round) is shown") { run.text.contains("end \(round)\n") }
            }
            try pipe.write(Array("7\n".utf8))
            withExtendedLifetime(pipe) {}
            try LivePhjob.poll("the last round is shown") { run.text.contains("end 7\n") }
            try phjob("cancel", "@")
            _ = try run.end()
            #expect(run.text.split(separator: "\n").count == 7 * 1001)
            #expect(!run.errors.contains("bound"), "\(run.errors)")
        }
    }
}
