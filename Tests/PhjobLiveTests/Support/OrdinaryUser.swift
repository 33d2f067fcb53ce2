import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// An account of the machine for one test, without a home and without an engine. Needs root.
struct OrdinaryUser: Sendable {
    let name: String
    let uid: uid_t
    let gid: gid_t

    init() throws {
        name = "phjo\(UInt32.random(in: 0 ... .max))"
        let made = try HostProcess.shell(
            "useradd --no-create-home --home-dir /nonexistent --shell /bin/sh \(name) && id -u \(name) && id -g \(name)"
        )
        let ids = made.output.text.split(separator: "\n").compactMap { UInt32($0) }
        try #require(made.isSuccess && ids.count == 2, "\(made.errors.text)")
        (uid, gid) = (ids[0], ids[1])
    }

    /// A command as this user, with no other variables than these.
    func command(_ executable: String, _ arguments: [String], environment: [String: String]) -> ProcessCommand {
        let words = ["--reuid=\(uid)", "--regid=\(gid)", "--init-groups", "/usr/bin/env", "-i"]
        let variables = environment.map { "\($0.key)=\($0.value)" }
        return ProcessCommand(
            "/usr/bin/setpriv", words + variables + [executable] + arguments, environment: environment)
    }

    /// Takes the account away.
    func remove() {
        let output = try? HostProcess.shell("userdel --force \(name)")
        if output?.isSuccess != true { Issue.record("left behind: the user \(name): \(output?.errors.text ?? "")") }
    }
}
