import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// An ordinary user of the machine for one test, with rootless podman: a home, sub-ids and an image. Needs root.
final class TemporaryUser: Sendable {
    let person: Person
    let home: TemporaryDirectory
    /// phjob's program where the user may read it.
    let binary: String

    /// All that a program of the user's finds in its environment.
    let environment: [String: String]

    init() throws {
        home = try TemporaryDirectory()
        person = try Person("phjt\(UInt16.random(in: 0 ... .max))", home: home.path)
        var environment = ["HOME": home.path, "XDG_RUNTIME_DIR": home("run"), "LANG": "C.UTF-8", "TZ": "Asia/Taipei"]
        environment["PATH"] = LiveEngine.environment["PATH"]
        try Directory.create(home("run"))
        for (variable, path) in LiveEngine.environment where variable.hasPrefix("CONTAINERS_CONF") {
            try home.write(Descriptor(opening: path, flags: O_RDONLY).readAll(limit: 1 << 20), to: variable)
            environment[variable] = home(variable)
        }
        self.environment = environment
        binary = try home.copy(program: LivePhjob.binary, to: "phjob")
        try LiveEngine.podman.call("save", "--output=\(home("image.tar"))", LiveEngine.image)
        try #require(try HostProcess.shell("chown -R \(name): '\(home.path)'").isSuccess)
    }

    var name: String { person.name }
    var uid: uid_t { person.uid }
    var gid: gid_t { person.gid }

    /// A command, as this user.
    func command(_ executable: String, _ arguments: [String], environment: [String: String]) -> ProcessCommand {
        person.command(executable, arguments, environment: environment)
    }

    @discardableResult
    func podman(_ arguments: String...) throws -> Output { try podman(arguments) }

    @discardableResult
    func podman(_ arguments: [String]) throws -> Output {
        let podman = try #require(ExecutableLookup.find("podman", path: environment["PATH"] ?? "/usr/bin"))
        let command = command(podman, arguments, environment: environment)
        return Output(try ChildProcess(command, timeout: 120, captureLimit: 16 << 20).run())
    }

    /// Takes the user away, with all that is theirs.
    func remove() {
        _ = try? podman("system", "reset", "--force")
        person.remove()
        let output = try? HostProcess.shell("rm -rf -- '\(home.path)'")
        if output?.isSuccess != true { Issue.record("left behind: \(home.path)") }
    }
}
