import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// A script in the place of systemd-run(1).
@Suite struct UserScopeTests {
    private static func scope(
        _ directory: TemporaryDirectory, script: String = "exit 0", isRoot: Bool = false
    ) throws -> UserScope? {
        try directory.write("#!/bin/sh\nshift 6\n\(script)\n", to: "script")
        try HostProcess.shell("cd \(directory.path) && cp script systemd-run && chmod 755 systemd-run")
        return UserScope(
            environment: ["PATH": directory.path, "XDG_RUNTIME_DIR": directory("run")], isRoot: isRoot)
    }

    private static func withManager() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try Directory.create(directory("run/systemd"))
        try directory.write("", to: "run/systemd/private")
        return directory
    }

    @Test func aCommandIsStartedInOne() throws {
        let directory = try Self.withManager()
        let scope = try #require(try Self.scope(directory, script: "exec \"$@\""))
        let command = scope.wrap(ProcessCommand("/bin/sh", ["-c", "exit 75"], environment: ["A": "b"]))
        #expect(command.executable == directory("systemd-run") && command.environment == ["A": "b"])
        #expect(try ChildProcess(command, timeout: 60).run().status == .exited(75))
    }

    @Test func withoutAManagerThatMakesOneThereIsNone() throws {
        #expect(try Self.scope(TemporaryDirectory()) == nil)
        #expect(try Self.scope(Self.withManager(), script: "exit 1") == nil)
        #expect(try Self.scope(Self.withManager(), isRoot: true) == nil)
    }
}
