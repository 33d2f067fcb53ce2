import Foundation
import PhjobAPI
import PhjobCore
import PhjobTestSupport
import Testing

/// Bad input gets one clear error, and changes nothing.
@Suite struct BadInputTests {
    /// Something that is wrong, and words that the answer to it has.
    struct Case {
        var arguments: [String]
        var status: Int32
        var words: String

        init(_ arguments: String..., status: Int32 = 1, says words: String) {
            (self.arguments, self.status, self.words) = (arguments, status, words)
        }
    }

    private static func check(_ cases: [Case], _ phjob: LivePhjob) throws {
        let before = try phjob("list", "--all", "--json").text
        for item in cases {
            let output = try phjob.run(item.arguments)
            let shown = item.arguments.map { $0.prefix(60) }
            #expect(output.status == item.status, "\(shown): \(output.errors)")
            #expect(output.errors.contains(item.words), "\(shown): \(output.errors)")
            #expect(output.bytes.isEmpty, "\(shown): \(output.text)")
            // One sentence, and for wrong usage the usage; raw control characters never reach a terminal.
            let lines = output.errors.split(separator: "\n")
            #expect(lines.count == (item.status == 64 ? 3 : 1), "\(shown): \(output.errors)")
            #expect(lines.first?.hasPrefix(item.status == 64 ? "error: " : "phjob: ") == true, "\(shown)")
            #expect(output.errors.unicodeScalars.allSatisfy { $0 == "\n" || TerminalText.isPlain($0) }, "\(shown)")
        }
        #expect(try phjob("list", "--all", "--json").text == before)
        try LivePhjob.poll("no container is left") { try phjob.containers().isEmpty }
    }

    private static let commandLines = [
        Case("submit", "--group", "none", "--", "true", says: "no group 'none'"),
        Case("submit", "--group", "../lab", "--", "true", says: "no group '../lab'"),
        Case("submit", "--instance-type", "none", "--", "true", says: "no instance type 'none'"),
        Case("submit", "--image", "none", "--", "true", says: "no image 'none'"),
        Case("submit", "--image", "--privileged", "--", "true", status: 64, says: "--image"),
        Case("submit", "--image=-v", "--", "true", says: "no image '-v'"),
        Case("submit", status: 64, says: "a command is missing"),
        Case("submit", "--", "", says: "the command is empty"),
        Case("submit", "--", " \n\t ", says: "the command is empty"),
        Case("submit", "--name", "", "--", "true", says: "the job name is empty"),
        Case("submit", "--name", String(repeating: "x", count: 201), "--", "true", says: "201 characters; at most 200"),
        Case("submit", "--name", "a\u{1b}]0;x\u{7}", "--", "true", says: "control character"),
        Case("submit", "--name", "a\nb", "--", "true", says: "control character"),
        Case("submit", "--name", "a\u{202e}b", "--", "true", says: "control character"),
        Case("submit", "--deadline", "90", "--", "true", status: 64, says: "no unit"),
        Case("submit", "--deadline=-90s", "--", "true", status: 64, says: "not a duration"),
        Case("submit", "--deadline", "0s", "--", "true", says: "deadline of 0"),
        Case("submit", "--deadline", "99999999999999999999d", "--", "true", status: 64, says: "--deadline"),
        Case("submit", "--env", "1A=x", "--", "true", status: 64, says: "--env"),
        Case("submit", "--env", "A B=x", "--", "true", status: 64, says: "--env"),
        Case("submit", "--env", "=x", "--", "true", status: 64, says: "--env"),
        Case("submit", "--env", "PRIMEHUB_USER=root", "--", "true", says: "PRIMEHUB_USER"),
        Case("submit", "--env", "PHJOB_ID=x", "--", "true", says: "PHJOB_ID"),
        Case("submit", "--env", "NOT_SET_HERE", "--", "true", status: 64, says: "NOT_SET_HERE"),
        Case("submit", "/nonexistent/script", says: "/nonexistent/script"),
        Case("submit", "/tmp", says: "is a directory"),
        Case("submit", "--file", "/nonexistent.json", says: "/nonexistent.json"),
        Case("submit", "--no-such-option", "--", "true", status: 64, says: "--no-such-option"),
        Case("submti", "--", "true", status: 64, says: "did you mean 'submit'?"),
        Case("get", "none", says: "'none'"),
        Case("get", "job-209901010000-zzzzzz", says: "job-209901010000-zzzzzz"),
        Case("get", "job-", says: "fits 2 jobs"),
        Case("get", "../../etc/passwd", says: "../../etc/passwd"),
        Case("get", "\u{1b}[31m", says: "\\x1b[31m"),
        Case("get", "@~9", says: "@~9"),
        Case("get", "", says: "id"),
        Case("logs", "none", says: "'none'"),
        Case("cancel", "none", says: "'none'"),
        Case("rerun", "none", says: "'none'"),
        Case("list", "--group", "none", says: "no group 'none'"),
        Case("list", "--status", "sleeping", status: 64, says: "--status"),
        Case("list", "--limit", "0", status: 64, says: "--limit"),
        Case("list", "--limit", "many", status: 64, says: "--limit"),
    ]

    @Test(arguments: LiveEngine.all) func commandLine(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            for id in try (1...2).map({ _ in try phjob.submit("true") }) { try phjob.end(of: id) }
            try Self.check(Self.commandLines, phjob)
            // What waits for a job's end tells phjob's own failures from the job's.
            #expect(try phjob("run", "--image", "none", "--", "true").status == 125)
            #expect(try phjob("wait", "none").status == 125)
            // An end is final.
            let ended = try phjob.jobs()[0]
            try Self.check([Case("cancel", ended, says: "already ended")], phjob)
        }
    }

    private static let jobFiles = [
        ("", "is empty"), ("{", "line 1"), ("{\"command\": \"x\"", "line 1"), ("{\n\"command\":\n tru }", "line 3"),
        ("[1]", "must be an object"), ("{\"command\": 7}", "command: must be a string"),
        ("{\"command\": null}", "command"), ("{\"command\": \"\"}", "the command is empty"), ("{}", "no command"),
        ("{\"command\": \"x\", \"activeDeadlineSeconds\": \"60\"}", "activeDeadlineSeconds: must be a whole number"),
        ("{\"command\": \"x\", \"activeDeadlineSeconds\": -1}", "activeDeadlineSeconds"),
        ("{\"command\": \"x\", \"activeDeadlineSeconds\": 1.5}", "activeDeadlineSeconds"),
        ("{\"command\": \"x\", \"activeDeadlineSeconds\": 99999999999999999999}", "activeDeadlineSeconds"),
        ("{\"command\": \"x\", \"instanceType\": [\"small\"]}", "instanceType: must be a string"),
        ("{\"command\": \"x\", \"colour\": \"red\"}", "colour"), ("{\"command\": \"x\\u0000y\"}", "NUL"),
        ("{\"command\": \"x\", \"environment\": {\"A B\": \"1\"}}", "A B"),
        ("{\"command\": \"x\", \"environment\": {\"A\": 1}}", "environment.A: must be a string"),
        ("{\"command\": \"x\", \"environment\": {\"A\": \"\\u0000\"}}", "NUL"),
        ("{\"command\": \"x\", \"displayName\": \"\\u001b[31m\"}", "control character"),
        (String(repeating: "[", count: 100_000), "nested too deeply"),
        ("{\"command\": \"\(String(repeating: "x", count: 10 << 20))\"}", "bytes"),
        ("{\"command\": \"\(String(repeating: "x", count: 4 << 20))\"}", "bytes"),
        ("{\"command\": \"x\", \"environment\": {\"A\": \"\(String(repeating: "x", count: 200_000))\"}}", "128 KiB"),
    ]

    @Test(arguments: LiveEngine.all.prefix(1)) func jobFile(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            for (text, words) in Self.jobFiles {
                try phjob.directory.write(text, to: "job.json")
                try Self.check([Case("submit", "--file", phjob.directory("job.json"), says: words)], phjob)
            }
        }
    }

    @Test(arguments: LiveEngine.all.prefix(1)) func script(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let scripts: [([UInt8], Int32, String)] = [
                (Array(repeating: UInt8(ascii: "#"), count: 10 << 20), 1, "bytes"),
                (Array("echo \u{ff}\n".utf8) + [0xff], 1, "UTF-8"),
                (Array("echo \0\n".utf8), 1, "NUL"), (Array("#PHJOB --image\necho\n".utf8), 64, "--image"),
                (Array("#!/bin/sh\n#PHJOB --file x\necho\n".utf8), 64, "--file"),
                (Array("#PHJOB --deadline 7\necho\n".utf8), 64, "line 1"),
                (Array(" \n\n".utf8), 1, "the command is empty"),
            ]
            for (bytes, status, words) in scripts {
                try phjob.directory.write(bytes, to: "script")
                try Self.check([Case("submit", phjob.directory("script"), status: status, says: words)], phjob)
            }
        }
    }

    /// A group that one is no member of is as unknown as one that there is not.
    @Test(arguments: LiveEngine.all) func notAMember(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.users = ["somebody-else"]
        } _: { phjob in
            try Self.check([Case("submit", "--group", "lab", "--", "true", says: "no group 'lab'")], phjob)
        }
    }
}
