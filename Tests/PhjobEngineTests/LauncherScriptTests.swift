import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobEngine

struct LauncherScriptTests {
    private static let hostile = [
        "SINGLE": "it's 'quoted'", "ONLY_QUOTES": "'''", "DOUBLE": #""quoted""#, "NEWLINES": "a\nb\n\n",
        "CRLF": "a\r\nb",
        "SUBSTITUTION": "$(touch owned) `touch owned` ${HOME} $((1+1))", "BACKSLASHES": #"\ \\ \n \' \"#, "EMPTY": "",
        "BLANKS": "  a \t b  ", "GLOB": "* ? [a] ~ {a,b}", "UNICODE": "ünï 🚀 \u{202e}",
        "CONTROL": "\u{1}\u{1b}[2J\u{7f}",
        "BREAKOUT": "'; touch owned; '", "COMBINED": "'\u{301}; touch owned; '\u{301}", "OPTION": "-n",
        "EQUALS": "a=b=c",
        "COMMENT": "# no comment", "END": "\\", "BANG": "!!", "SEPARATORS": "a;b|c&d>e<f",
    ]

    private func spec(_ environment: [String: String] = [:], command: String = "env\n") -> JobSpec {
        var spec = SampleJob.spec(command: command)
        spec.environment = environment
        return spec
    }

    @Test func text() {
        let text = LauncherScript(for: SampleJob.job(spec: spec(["B": "it's", "A": "1"])), timeZone: "Europe/Berlin")
            .text
        #expect(
            text == #"""
                #!/bin/sh
                unset HTTP_PROXY http_proxy HTTPS_PROXY https_proxy FTP_PROXY ftp_proxy ALL_PROXY all_proxy NO_PROXY no_proxy
                export HOME='/home/jovyan'
                export USER='alice'
                export LOGNAME='alice'
                export TZ='Europe/Berlin'
                export OMP_NUM_THREADS='2'
                export A='1'
                export B='it'\''s'
                export PRIMEHUB_USER='alice'
                export PRIMEHUB_GROUP='research'
                export PHJOB_ID='job-202611210727-000000'
                export PHJOB_NAME='Train "digits" 🚀'
                export PHJOB_GROUP='research'
                export PHJOB_INSTANCE_TYPE='cpu-2'
                export PHJOB_IMAGE='base'
                export PHJOB_CPU_LIMIT='2'
                export PHJOB_MEMORY_LIMIT='4294967296'
                export PHJOB_GPU_COUNT='0'
                begin() { : >/run/phjob/began || exit 125; exec "$@"; }
                BASH_ENV= /bin/bash -c : 2>/dev/null && begin /bin/bash /run/phjob/command
                BASH_ENV= /usr/bin/bash -c : 2>/dev/null && begin /usr/bin/bash /run/phjob/command
                BASH_ENV= /usr/local/bin/bash -c : 2>/dev/null && begin /usr/local/bin/bash /run/phjob/command
                begin /bin/sh /run/phjob/command

                """#)
    }

    @Test func umask() throws {
        var shared = spec()
        shared.umask = .shared
        let text = LauncherScript(for: SampleJob.job(spec: shared), timeZone: "UTC").text
        #expect(text.contains("\numask 0002\nexport HOME="))
    }

    @Test func aCommandThatNamesItsInterpreter() {
        let script = LauncherScript(for: SampleJob.job(spec: spec(command: "#!/usr/bin/python3\n")), timeZone: "UTC")
        #expect(script.text.hasSuffix("\nbegin '/usr/bin/python3' /run/phjob/command\n"))
        #expect(!script.text.contains("bash"))
    }

    /// Proxies are the catalogue's, and a job may choose its own.
    @Test func proxies() {
        var spec = spec(["https_proxy": "http://own:1"])
        spec.settings.proxy = ProxySettings(http: "http://u:p@proxy:3128", https: "http://proxy:3128", no: "localhost")
        let environment = LauncherScript(for: SampleJob.job(spec: spec), timeZone: "UTC").environment
        let last = Dictionary(environment.map { ($0.name, $0.value) }) { $1 }
        #expect(last["http_proxy"] == "http://u:p@proxy:3128" && last["HTTP_PROXY"] == "http://u:p@proxy:3128")
        #expect(last["https_proxy"] == "http://own:1" && last["HTTPS_PROXY"] == "http://proxy:3128")
        #expect(last["no_proxy"] == "localhost" && last["NO_PROXY"] == "localhost")
    }

    /// What the image's or an engine's environment says does not reach the job.
    @Test func foreignProxiesAreRemoved() async throws {
        let directory = try TemporaryDirectory()
        let command = "env | grep -ci proxy > found\nexit 0\n"
        let script = LauncherScript(for: SampleJob.job(spec: spec(command: command)), timeZone: "UTC")
        let foreign = Dictionary(uniqueKeysWithValues: ProxySettings.variables.map { ($0, "http://u:secret@h:1") })
        let result = try await run(script, shell: ["/bin/sh"], command: command, in: directory, environment: foreign)
        #expect(result.status == .exited(0))
        #expect(try directory.text("found") == "0\n")
    }

    /// A program that the image lacks is named, and the mark is not left: the command never began.
    @Test(
        arguments: [
            ("#!/nowhere/python3 -u\n", "names /nowhere/python3, which the image has not"),
            ("#!/usr/bin/env nosuchprogram\n", "names nosuchprogram, which the image has not"),
            ("#! /usr/bin\n", "names /usr/bin, which the image has not"),
            ("#!python3\n", "names ./python3, which the image has not"),
            ("#!/bin/sh\r\n", "names /bin/sh\\r, which the image has not"),
        ] as [(String, String)])
    func aMissingInterpreter(_ command: String, words: String) async throws {
        let directory = try TemporaryDirectory()
        let script = LauncherScript(for: SampleJob.job(spec: spec(command: command)), timeZone: "UTC")
        let result = try await run(script, shell: ["/bin/sh"], command: command, in: directory)
        #expect(result.status == .exited(127))
        #expect(result.errors.text.contains(words), "\(result.errors.text)")
        #expect(try directory.text("began") == "waiting\n")
    }

    /// Each place is tried, and a `bash` that does not run is passed over.
    @Test func whereBashIs() async throws {
        let directory = try TemporaryDirectory()
        for (name, text) in [
            ("bin", "\u{7f}ELF is no program here\n"), ("usr/bin", nil),
            ("usr/local/bin", "#!/bin/sh\necho run by \"$0\"\n"),
        ] {
            try HostProcess.shell("mkdir -p \(directory.path)/root/\(name)")
            // By another process: none of ours may hold a program open for writing when it is started.
            if let text {
                try directory.write(text, to: "text")
                try HostProcess.shell(
                    "cd \(directory.path) && cp text root/\(name)/bash && chmod 755 root/\(name)/bash")
            }
        }
        let script = LauncherScript(for: SampleJob.job(spec: spec()), timeZone: "UTC")
        let text = script.text.split(separator: "\n").map { line in
            line.replacing("/usr/local/bin/bash", with: "@L").replacing("/usr/bin/bash", with: "@U")
                .replacing("/bin/bash", with: directory("root/bin/bash"))
                .replacing("@U", with: directory("root/usr/bin/bash"))
                .replacing("@L", with: directory("root/usr/local/bin/bash"))
        }.joined(separator: "\n")
        let result = try await run(text, shell: ["/bin/sh"], command: "", in: directory)
        // Tried once, and then trusted.
        #expect(result.output.text.hasSuffix("run by \(directory("root/usr/local/bin/bash"))\n"))
        #expect(try directory.text("began").isEmpty)
    }

    @Test(
        arguments: [
            ("#!/bin/sh\n", "/bin/sh", nil), ("#! \t/bin/sh \t-e  -u \t\nx", "/bin/sh", "-e  -u"),
            ("#!/usr/bin/env python3", "/usr/bin/env", "python3"), ("#!tool x\n", "./tool", "x"),
            ("#!lab/tool\n", "lab/tool", nil),
        ] as [(String, String, String?)])
    func interpreters(_ script: String, path: String, argument: String?) {
        let interpreter = ScriptInterpreter(of: script)
        #expect(interpreter?.path == path && interpreter?.argument == argument)
    }

    @Test(arguments: ["", "#", "#!", "#!\n/bin/sh", "#! \t\n", "echo #!/bin/sh\n", " #!/bin/sh\n"])
    func noInterpreter(_ script: String) { #expect(ScriptInterpreter(of: script) == nil) }

    @Test(
        arguments: [
            ("#!/usr/bin/env python3\n", "python3"), ("#!/usr/bin/env -S python3 -u\n", nil),
            ("#!/usr/bin/env A=1\n", nil), ("#!/usr/bin/env python3 -u\n", nil), ("#!/bin/sh python3\n", nil),
        ] as [(String, String?)])
    func programsOfEnv(_ script: String, program: String?) {
        #expect(ScriptInterpreter(of: script)?.programOfEnv == program)
    }

    @Test(arguments: [(1, "1"), (999, "1"), (1000, "1"), (2500, "2"), (64_000, "64")] as [(Int64, String)])
    func threads(_ milli: Int64, threads: String) {
        var spec = spec()
        spec.instanceType.cpuLimit = CPUAmount(milli: milli)
        let environment = LauncherScript(for: SampleJob.job(spec: spec), timeZone: "UTC").environment
        #expect(environment.first { $0.name == "OMP_NUM_THREADS" }?.value == threads)
    }

    /// The job may set what is usual, and never what says whose job it is.
    @Test func whoWins() throws {
        let claims = ["TZ": "Asia/Tokyo", "HOME": "/tmp", "PRIMEHUB_USER": "root", "PHJOB_GROUP": "admins"]
        let environment = LauncherScript(for: SampleJob.job(spec: spec(claims)), timeZone: "UTC").environment
        let last = Dictionary(environment.map { ($0.name, $0.value) }) { $1 }
        #expect(last["TZ"] == "Asia/Tokyo" && last["HOME"] == "/tmp")
        #expect(last["PRIMEHUB_USER"] == "alice" && last["PHJOB_GROUP"] == "research")
    }

    /// What arrives, byte for byte, through every kind of `/bin/sh` that this machine has.
    @Test(arguments: [
        ["/bin/sh"], ["/bin/dash"], ["/bin/bash", "--posix"], ["/bin/busybox", "sh"], ["/usr/bin/busybox", "sh"],
    ])
    func valuesArriveAsTheyWere(_ shell: [String]) async throws {
        guard
            ExecutableLookup.find(shell[0].split(separator: "/").last.map(String.init) ?? "", path: "/bin:/usr/bin")
                != nil
        else { return }
        let directory = try TemporaryDirectory()
        let script = LauncherScript(for: SampleJob.job(spec: spec(Self.hostile)), timeZone: "UTC")
        let result = try await run(
            script, shell: shell, command: "/usr/bin/env -0 > environment; exit 9\n", in: directory)
        #expect(result.status == .exited(9))
        #expect(result.errors.text.isEmpty)
        let lines = try directory.read("environment").split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        for (name, value) in Self.hostile {
            #expect(lines.contains { $0.utf8.elementsEqual("\(name)=\(value)".utf8) }, "\(name) did not arrive")
        }
        #expect(lines.contains("PHJOB_NAME=Train \"digits\" \u{1f680}"))
        #expect(directory.status("owned") == nil)
    }

    /// The process is the command's: nothing of the launcher stands between it and its signals.
    @Test(
        arguments: [("#!/bin/sh\nexit 3\n", 3), ("exit 4\n", 4), ("#!/usr/bin/env -S sh -e\nfalse\n", 1)]
            as [(String, Int32)])
    func theStatusIsTheCommands(_ command: String, code: Int32) async throws {
        let directory = try TemporaryDirectory()
        let script = LauncherScript(for: SampleJob.job(spec: spec(command: command)), timeZone: "UTC")
        #expect(try await run(script, shell: ["/bin/sh"], command: command, in: directory).status == .exited(code))
        // The mark that it began is the file's emptiness.
        #expect(try directory.text("began").isEmpty)
    }

    private func run(
        _ script: LauncherScript, shell: [String], command: String, in directory: TemporaryDirectory,
        environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        try await run(script.text, shell: shell, command: command, in: directory, environment: environment)
    }

    private func run(
        _ script: String, shell: [String], command: String, in directory: TemporaryDirectory,
        environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        let text = script.replacing(ContainerRequest.Place.launcher + "/", with: directory.path + "/")
        try directory.write("waiting\n", to: "began")
        try directory.write("cd \(directory.path)\n" + text, to: "start")
        try directory.write(command, to: "source")
        return try await onThread {
            // Copied by another process: none of ours may hold a program open for writing when it is started.
            try HostProcess.shell("cd \(directory.path) && cp source command && chmod 755 command")
            let variables = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
            let process = ProcessCommand(
                shell[0], Array(shell.dropFirst()) + [directory("start")], environment: variables)
            return try ChildProcess(process, timeout: patience).run()
        }
    }
}
