import Foundation
import PhjobAPI
import PhjobCore
import PhjobTestSupport
import Testing

/// The forms in which a command comes.
@Suite struct CommandTests {
    @Test(arguments: LiveEngine.all) func interpreter(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try phjob.directory.write(
                "#!/usr/bin/awk -f\nBEGIN { print \"by awk\", 6 * 7; exit 4 }\n", to: "script.awk")
            let result = try phjob("run", phjob.directory("script.awk"))
            #expect(result.text == "by awk 42\n")
            #expect(result.status == 4)
            let job = try phjob.get(#require(JobID(phjob.jobs()[0])))
            #expect(job.displayName == "script.awk")
        }
    }

    @Test(arguments: LiveEngine.all) func interpreterThatIsMissing(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let result = try phjob("run", "--", "#!/usr/bin/perl\nprint 1;\n")
            // The command never began.
            #expect(result.status == 122)
            #expect(result.text.contains("the script's first line names /usr/bin/perl, which the image has not"))
        }
    }

    @Test(arguments: LiveEngine.all) func longScript(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            var script = "#PHJOB --name long --env LAST=line\ntotal=0\n"
            while script.utf8.count < 200_000 {
                script += "total=$((total + 1)) # naïve 資料 'quotes' \"and\" $(nothing)\n"
            }
            let lines = script.split(separator: "\n").count - 2
            script += "echo $total $LAST\n"
            try phjob.directory.write(script, to: "long.sh")
            let result = try phjob("run", phjob.directory("long.sh"))
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.text == "\(lines) line\n")
            let job = try phjob.get(#require(JobID(phjob.jobs()[0])))
            #expect(job.displayName == "long")
            #expect(job.command == script)
        }
    }

    @Test(arguments: LiveEngine.all) func standardInputAndJSON(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            #expect(try phjob.shell("echo 'echo from stdin; exit 3' | \"$PHJOB\" run").status == 3)
            let job =
                #"{"displayName": "digits", "instanceType": "one", "image": "minimal", "command": "echo $A; exit 5", "#
                + #""activeDeadlineSeconds": 60, "environment": {"A": "json"}}"#
            try phjob.directory.write(job, to: "job.json")
            let result = try phjob.shell("\"$PHJOB\" run --file - <'\(phjob.directory("job.json"))'")
            #expect(result.status == 5, "\(result.errors)")
            #expect(result.text == "json\n")
            let view = try phjob.get(#require(JobID(phjob.jobs()[0])))
            #expect(view.displayName == "digits")
            #expect(view.instanceType.name == "one")
            #expect(view.activeDeadlineSeconds == 60)
        }
    }

    /// Words after `--` reach the job as they were written; a single word is a line of shell.
    @Test(arguments: LiveEngine.all) func words(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let result = try phjob("run", "--", "printf", "%s|", "a b", "$HOME", "it's", "", "*", "-n", "--help")
            #expect(result.text == "a b|$HOME|it's||*|-n|--help|")
            #expect(try phjob("run", "--", "echo $HOME").text == "/home/jovyan\n")
        }
    }

    @Test(arguments: LiveEngine.all) func idempotencyKey(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let submit = { (script: String) in
                try phjob("submit", "--idempotency-key", "build 7", "--", script)
            }
            let script = "echo x >>/project/lab/count"
            let first = try submit(script)
            #expect(try submit(script).text == first.text)
            try phjob.end(of: #require(JobID(first.lines[0])))
            #expect(try submit(script).text == first.text)
            let other = try submit("true")
            #expect(other.status == 1)
            #expect(other.errors.contains("build 7"), "\(other.errors)")
            #expect(try phjob.jobs() == first.lines)
            #expect(try phjob.directory.text("volume/count") == "x\n")
        }
    }
}
