import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// scripts/install and scripts/uninstall, on a machine of their own.
@Suite(.enabled(if: HostProcess.isRoot, "only root can have a mount namespace"))
struct InstallTests {
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../scripts").standardizedFileURL.path

    private static func with(_ body: @escaping @Sendable (PrivateMachine) throws -> Void) async throws {
        try await onThread {
            let machine = try PrivateMachine()
            defer { machine.end() }
            try body(machine)
        }
    }

    private static func call(
        _ script: String, _ arguments: String..., on machine: PrivateMachine, extra: [String: String] = [:]
    ) throws -> Output {
        let inner = ProcessCommand(
            "/usr/bin/env", ["bash", "\(scripts)/\(script)"] + arguments + ["--prefix", machine.directory("prefix")],
            environment: machine.environment.merging(extra) { $1 })
        return Output(try ChildProcess(machine.command(inner), timeout: 600, captureLimit: 16 << 20).run())
    }

    @Test func everythingIsMadeOnceAndTakenBack() async throws {
        try await Self.with { machine in
            let first = try Self.call("install", "--system", on: machine)
            try #require(first.status == 0, "\(first.errors)")
            let group = try machine.run("/usr/bin/getent", "group", "phjob-admin").text.split(separator: ":")
            let gid = try #require(group.count > 2 ? String(group[2]) : nil)
            #expect(machine.look("/etc/phjob") == "drwxr-xr-x 0 0")
            #expect(machine.look("/etc/phjob/config.json") == "-rw-r----- 0 \(gid)")
            #expect(machine.look("/var/lib/phjob") == "drwx------ 0 0")
            let prefix = machine.directory("prefix")
            #expect(machine.look("\(prefix)/bin/phjob") == "-rwxr-xr-x 0 0")
            for file in ["man/man1/phjob.1", "man/man1/phjob-submit.1", "phjob/config.system.example.json"] {
                #expect(machine.look("\(prefix)/share/\(file)") == "-rw-r--r-- 0 0", "\(file)")
            }
            let check = try machine.run("\(prefix)/bin/phjob", "catalogue", "check", "/etc/phjob/config.json")
            #expect(check.status == 0, "\(check.errors)")
            #expect(first.errors.contains("'\(prefix)/bin/phjob runner run --system' as root"), "\(first.errors)")

            // What an administrator has written stays, whoever installs again.
            let path = machine("/etc/phjob/config.json")
            let written = "// mine\n{\"groups\": []}\n"
            try Data(written.utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o600)
            let second = try Self.call("install", "--system", on: machine)
            #expect(second.status == 0, "\(second.errors)")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == written)
            #expect(machine.look("/etc/phjob/config.json") == "-rw------- 0 \(gid)")
            #expect(second.errors.contains("stays as it is"))
            #expect(try machine.directory.text("prefix/share/phjob/installed").contains("bin/phjob\n"))

            for script in ["install", "uninstall"] {
                let other = try Self.call(script, on: machine)
                #expect(other.status == 1)
                #expect(other.errors.contains("is a service for everybody"), "\(other.errors)")
            }

            try FileManager.default.createDirectory(
                atPath: machine("/var/lib/phjob/jobs"), withIntermediateDirectories: true)
            let removed = try Self.call("uninstall", "--system", on: machine)
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(try machine.directory.names("prefix") == [])
            #expect(try String(contentsOfFile: path, encoding: .utf8) == written)
            #expect(machine.look("/var/lib/phjob/jobs") != nil)
            #expect(try machine.run("/usr/bin/getent", "group", "phjob-admin").status == 0)
            #expect(removed.errors.contains("kept: /etc/phjob/config.json, /var/lib/phjob"))
        }
    }

    /// What stands for systemctl keeps the arguments that it is called with.
    @Test func systemdIsToldWhereItRuns() async throws {
        try await Self.with { machine in
            try machine.directory.write(
                """
                #!/bin/sh
                echo "$*" >>\(machine.directory("calls"))
                [ "$1 $2" != "--quiet is-active" ] || [ -e \(machine.directory("active")) ]
                """, to: "bin/systemctl", mode: 0o755)
            func calls() throws -> [String] {
                let lines = try machine.directory.text("calls").split(separator: "\n").map(String.init)
                try machine.directory.write("", to: "calls")
                return lines
            }
            try machine.run("/bin/mkdir", "-p", "/run/systemd/system", "/etc/systemd/system")
            let unit = "/etc/systemd/system/phjob.service"
            let first = try Self.call("install", "--system", on: machine)
            try #require(first.status == 0, "\(first.errors)")
            #expect(try calls() == ["daemon-reload", "--quiet is-active phjob.service"])
            #expect(first.errors.contains("'systemctl enable --now phjob'"))
            #expect(machine.look(unit) == "-rw-r--r-- 0 0")
            let text = try String(contentsOfFile: machine(unit), encoding: .utf8)
            #expect(text.contains("\nExecStart=\(machine.directory("prefix"))/bin/phjob runner run --system\n"))
            #expect(!text.contains("@"))

            try machine.directory.write("", to: "active")
            let upgrade = try Self.call("install", "--system", on: machine)
            #expect(try calls() == ["daemon-reload", "--quiet is-active phjob.service"])
            #expect(upgrade.errors.contains("'systemctl restart phjob'; running jobs run on"))
            let started = try Self.call("install", "--system", "--start", on: machine)
            #expect(started.status == 0, "\(started.errors)")
            #expect(try calls() == ["daemon-reload", "enable phjob.service", "restart phjob.service"])

            let removed = try Self.call("uninstall", "--system", on: machine)
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(try calls() == ["disable --now phjob.service", "daemon-reload"])
            #expect(machine.look(unit) == nil)
        }
    }

    @Test func theUsualPlacesServeEverybody() async throws {
        let user = try await onThread { try Person("phjo\(UInt32.random(in: 0 ... .max))") }
        do {
            try await Self.with { machine in try Self.checkUsualPlaces(machine, user) }
        } catch {
            user.remove()
            throw error
        }
        user.remove()
    }

    private static func checkUsualPlaces(_ machine: PrivateMachine, _ user: Person) throws {
        let installed = try call("install", "--system", on: machine)
        try #require(installed.status == 0, "\(installed.errors)")
        let phjob = machine.directory("prefix/bin/phjob")
        let environment = machine.environment.merging(["HOME": "/nonexistent"]) { $1 }
        func asUser(_ arguments: String...) throws -> Output {
            let command = machine.command(user.command(phjob, arguments, environment: environment))
            return Output(try ChildProcess(command, timeout: patience).run())
        }
        try Person.requireLibraries(asUser("--version"))
        // There is a catalogue for everybody, whose runner has not been started yet.
        let early = try asUser("list")
        #expect(
            early.errors.contains("there is no system runner: nothing is at /run/phjob/phjob.sock"), "\(early.errors)")

        let runner = try ReapedProcess(
            machine.command(ProcessCommand(phjob, ["runner", "run", "--system"], environment: machine.environment)),
            log: machine.directory("log"))
        defer {
            runner.signal(SIGKILL)
            _ = try? runner.waitForEnd()
        }
        try blockUntil("it serves") {
            try #require(runner.isRunning, "\((try? machine.directory.text("log")) ?? "")")
            return try asUser("runner", "status").status == 0
        }
        #expect(machine.look("/run/phjob") == "drwxr-xr-x 0 0")
        #expect(machine.look("/run/phjob/phjob.sock") == "srw-rw-rw- 0 0")
        #expect(machine.look("/var/lib/phjob") == "drwx------ 0 0")
        let status = try asUser("runner", "status")
        #expect(status.text.contains("/run/phjob/phjob.sock") && status.text.contains("/etc/phjob/config.json"))
        let nothing = try asUser("init")
        #expect(nothing.status == 1)
        #expect(nothing.errors.contains("there is nothing to set up"), "\(nothing.errors)")
        #expect(try asUser("--personal", "list").errors.contains("phjob is not set up yet"))

        // Without systemd, uninstall ends the runner itself.
        let removed = try call("uninstall", "--system", on: machine)
        #expect(removed.status == 0, "\(removed.errors)")
        #expect(try runner.waitForEnd() == 0)
        #expect(machine.look("/run/phjob") == nil)
    }

    @Test func aPackageIsStagedWithoutTouchingTheMachine() async throws {
        try await Self.with { machine in
            let root = machine.directory("package")
            let staged = try Self.call("install", "--system", "--root", root, on: machine)
            try #require(staged.status == 0, "\(staged.errors)")
            #expect(machine.look("\(root)/etc/phjob/config.json") == "-rw-r----- 0 0")
            #expect(machine.look("\(root)/var/lib/phjob") == "drwx------ 0 0")
            let unit = try machine.directory.text("package/etc/systemd/system/phjob.service")
            #expect(unit.contains("\nExecStart=\(machine.directory("prefix"))/bin/phjob runner run --system\n"))
            #expect(machine.look("/etc/phjob") == nil)
            #expect(machine.look(machine.directory("prefix")) == nil)
            #expect(try machine.run("/usr/bin/getent", "group", "phjob-admin").status != 0)
        }
    }

    /// Who owns the way to the program would decide what root runs.
    @Test func aPlaceThatSomebodyElseCanChangeServesNobody() async throws {
        try await Self.with { machine in
            let prefix = machine.directory("prefix")
            try machine.run("/bin/mkdir", "-p", "\(prefix)/bin")
            for (path, owner, mode, words) in [
                (prefix, 1234, 0o755, "belongs to"), ("\(prefix)/bin", 1234, 0o755, "belongs to"),
                (prefix, 0, 0o775, "can be written by others"), (prefix, 0, 0o757, "can be written by others"),
            ] as [(String, uid_t, mode_t, String)] {
                chown(path, owner, 0)
                chmod(path, mode)
                let output = try Self.call("install", "--system", on: machine)
                #expect(output.status == 1)
                #expect(output.errors.contains("\(path) \(words)"), "\(output.errors)")
                #expect(output.errors.contains("choose a --prefix that only root can change"), "\(output.errors)")
                chown(path, 0, 0)
                chmod(path, 0o755)
            }
            #expect(machine.look("/etc/phjob") == nil)
            #expect(try machine.directory.names("prefix/bin").isEmpty)
        }
    }

    @Test func onlyRootMakesAService() async throws {
        let user = try await onThread { try Person("phjo\(UInt32.random(in: 0 ... .max))") }
        defer { user.remove() }
        try await onThread {
            let directory = try TemporaryDirectory()
            try #require(
                try HostProcess.shell(
                    "cp -r '\(Self.scripts)' '\(directory("scripts"))' && chmod -R a+rX '\(directory.path)'"
                ).isSuccess)
            for script in ["install", "uninstall"] {
                let command = user.command(
                    "/usr/bin/env", ["bash", directory("scripts/\(script)"), "--system"],
                    environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"])
                let output = Output(try ChildProcess(command, timeout: patience).run())
                #expect(output.status == 1)
                #expect(output.errors.contains("--system needs root"), "\(output.errors)")
            }
        }
    }
}
