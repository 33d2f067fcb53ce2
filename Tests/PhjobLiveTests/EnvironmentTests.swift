import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// What a job's command finds around it.
@Suite struct EnvironmentTests {
    @Test(arguments: LiveEngine.all) func contract(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob, catalogue in
            catalogue.limits["proxy"] = .object(["http": .string("http://of-the-catalogue:1")])
        } _: { phjob in
            // Of the runner, and of docker's client: neither is for jobs.
            let proxies = #"{"proxies":{"default":{"httpProxy":"http://u:secret@h:1","noProxy":"secret"}}}"#
            try Directory.create(phjob.directory("config"))
            try phjob.directory.write(proxies, to: "config/config.json")
            let runner = try phjob(
                "runner", "start",
                extra: ["HTTPS_PROXY": "http://u:secret@h:1", "DOCKER_CONFIG": phjob.directory("config")])
            #expect(runner.status == 0, "\(runner.errors)")
            let id = try phjob.submit(
                "tr '\\0' '\\n' </proc/1/environ | grep -i proxy; env -0 | base64 -w 0; echo; whoami; id -u; id -g; id -un",
                "--instance-type", "one", "--name", "a name"
            )
            let job = try phjob.end(of: id)
            let user = try #require(UserAccount.current)
            let lines = try phjob.log(id).lines
            #expect(Array(lines.dropFirst()) == [user.name, "\(user.uid)", "\(user.gid)", user.name])
            let variables = try Self.variables(lines[0])
            let expected = [
                "HOME": "/home/jovyan", "PWD": "/home/jovyan", "USER": user.name, "TZ": "Asia/Taipei",
                "PRIMEHUB_USER": user.name, "PRIMEHUB_GROUP": "lab", "PHJOB_ID": id.text, "PHJOB_NAME": "a name",
                "PHJOB_GROUP": "lab", "PHJOB_INSTANCE_TYPE": "one", "PHJOB_IMAGE": "minimal", "PHJOB_CPU_LIMIT": "1",
                "PHJOB_MEMORY_LIMIT": "\(128 << 20)", "PHJOB_GPU_COUNT": "0", "OMP_NUM_THREADS": "1",
                "http_proxy": "http://of-the-catalogue:1", "HTTP_PROXY": "http://of-the-catalogue:1",
            ]
            for (name, value) in expected { #expect(variables[name] == value, "\(name)") }
            // Nothing of the runner's, the engine's or the submitter's shell.
            #expect(
                variables.keys.allSatisfy {
                    !["HTTPS_PROXY", "no_proxy", "NO_PROXY"].contains($0) && $0 != "PHJOB_STATE" && $0 != "PHJOB_CONFIG"
                        && !$0.hasPrefix("CONTAINERS_")
                })
            #expect(job.phase == .succeeded)
        }
    }

    private static let hostile = [
        "NEWLINES": "one\ntwo\n\n", "QUOTES": "it's \"quoted\" `date`",
        "SHELL_WORDS": "$(reboot) $HOME ${x:-y} \\ * ; & | <",
        "UNICODE": "naïve 資料 \u{1f680} e\u{301}", "CONTROL": "tab\there \u{1b}[31m \r bell\u{7}", "EMPTY": "",
        "BLANKS": "  a  b  ",
        "EQUALS": "a=b=c", "_": "underscore", "LD_PRELOAD": "/nowhere.so", "PATH": "/usr/local/bin:/usr/bin:/bin:/none",
        "DOCKER_HOST": "tcp://nowhere:1", "CONTAINERS_CONF": "/nowhere", "LONG": String(repeating: "x", count: 100_000),
    ].merging(["SECRET": "s3cr3t-\(UInt64.random(in: 0 ... .max))"]) { $1 }

    /// Values arrive byte for byte, and are never seen in an argument list, nor by the engine.
    @Test(arguments: LiveEngine.all) func hostileValues(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let secret = try #require(Self.hostile["SECRET"])
            let submission = JSONValue.object([
                "command": .string("env -0 | base64 -w 0; echo; while [ ! -e /project/lab/go ]; do sleep 0.1; done"),
                "environment": .object(Self.hostile.filter { $0.key != "_" }.mapValues(JSONValue.string)),
            ])
            try phjob.directory.write(JSONBody.encode(submission), to: "job.json")
            let watch = ArgumentWatch(for: secret)
            let output = try phjob("submit", "--file", phjob.directory("job.json"))
            let id = try #require(JobID(output.text.trimmingCharacters(in: .newlines)), "\(output.errors)")
            try phjob.wait(for: .running, of: id)
            #expect(watch.stop() == [])
            let inspection = try engine.call("container", "inspect", phjob.containerName(of: id))
            #expect(inspection.status == 0)
            #expect(!inspection.text.contains(secret))
            #expect(try !phjob("get", "--json", id.text).text.contains(secret))
            #expect(!phjob.runnerLog.contains(secret))
            try phjob.directory.write("", to: "volume/go")
            #expect(try phjob.end(of: id).phase == .succeeded)
            let variables = try Self.variables(#require(phjob.log(id).lines.first))
            for (name, value) in Self.hostile where name != "_" {
                #expect(variables[name].map { Array($0.utf8) } == Array(value.utf8), "\(name)")
            }
        }
    }

    /// The same by options, from the caller's environment and from a file.
    @Test(arguments: LiveEngine.all) func waysToGiveVariables(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try phjob.directory.write("# comment\nFILE=from 'file' \nBOTH=file\n", to: "variables")
            let result = try phjob(
                "run", "--env-file", phjob.directory("variables"), "--env", "BOTH=option\nwith newline", "--env",
                "CALLER",
                "--", #"printf '%s|' "$FILE" "$BOTH" "$CALLER" "${HOST_ONLY-unset}""#,
                extra: ["CALLER": "$(id)", "HOST_ONLY": "secret"])
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.text == "from 'file' |option\nwith newline|$(id)|unset|")
        }
    }

    private static func variables(_ base64: String) throws -> [String: String] {
        let data = try #require(Data(base64Encoded: base64))
        let pairs = data.split(separator: 0).map { entry -> (String, String) in
            let parts = entry.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (
                String(decoding: parts[0], as: UTF8.self),
                String(decoding: parts.dropFirst().first ?? Data(), as: UTF8.self)
            )
        }
        return Dictionary(pairs) { $1 }
    }
}
