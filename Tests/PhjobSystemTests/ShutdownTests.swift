import PhjobSystem
import PhjobTestSupport
import Testing

/// A script in the place of systemctl(1).
@Suite struct ShutdownTests {
    private static func scope(
        _ machine: String, user: String = "running", isRoot: Bool = false, isSystemd: Bool = true
    ) throws -> Shutdown.Scope? {
        let directory = try TemporaryDirectory()
        let script = "#!/bin/sh\ncase \"$*\" in\nis-system-running) \(machine) ;;\n--user*) \(user) ;;\nesac\n"
        try directory.write(script, to: "script")
        try HostProcess.shell("cd \(directory.path) && cp script systemctl && chmod 755 systemctl")
        let systemd = isSystemd ? directory.path : directory("none")
        return Shutdown(systemd: systemd, environment: ["PATH": directory.path], isRoot: isRoot).underWay()
    }

    @Test(arguments: ["echo running", "echo degraded; exit 1", "echo offline; exit 1", "exit 1", "echo; exit 1"])
    func nothingIsEnding(_ answer: String) throws {
        #expect(try Self.scope(answer, user: answer) == nil)
    }

    @Test func theMachineIs() throws {
        let stopping = "echo stopping; exit 1"
        #expect(try Self.scope(stopping) == .machine)
        #expect(try Self.scope(stopping, user: stopping) == .machine)
        #expect(try Self.scope(stopping, isRoot: true) == .machine)
        #expect(try Self.scope(stopping, isSystemd: false) == nil)
    }

    @Test func theUsersManagerIs() throws {
        #expect(try Self.scope("echo running", user: "echo stopping; exit 1") == .user)
        #expect(try Self.scope("exit 1", user: "echo stopping; exit 1") == .user)
        #expect(try Self.scope("echo running", user: "echo stopping; exit 1", isRoot: true) == nil)
    }
}
