import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// A Unix account of this machine for one test. Needs root.
struct Person: Sendable {
    let name: String
    let uid: uid_t
    let gid: gid_t

    /// Makes an account.
    ///
    /// - Parameter home: what is its home, and is not made; nil for none.
    init(_ name: String, home: String? = nil) throws {
        self.name = name
        let place = home.map { "--home-dir '\($0)'" } ?? ""
        let made = try HostProcess.shell(
            "useradd --no-create-home \(place) --shell /bin/sh \(name) && id -u \(name) && id -g \(name)")
        let ids = made.output.text.split(separator: "\n").compactMap { UInt32($0) }
        try #require(made.isSuccess && ids.count == 2, "\(made.errors.text)")
        (uid, gid) = (ids[0], ids[1])
    }

    /// A command as this person, with the groups that they are in now.
    func command(_ executable: String, _ arguments: [String], environment: [String: String]) -> ProcessCommand {
        let words = ["--reuid=\(uid)", "--regid=\(gid)", "--init-groups", "/usr/bin/env", "-i"]
        let variables = environment.map { "\($0.key)=\($0.value)" }
        return ProcessCommand(
            "/usr/bin/setpriv", words + variables + [executable] + arguments, environment: environment)
    }

    /// Cancels the test if this is what became of a try to run phjob where its libraries are out of an ordinary user's reach, such as a
    /// toolchain's in root's home.
    static func requireLibraries(_ version: Output) throws {
        if version.errors.contains("loading shared libraries") {
            try Test.cancel("an ordinary user cannot run phjob: \(version.errors)")
        }
        try #require(version.status == 0, "\(version.errors)")
    }

    func remove() {
        let processes = (try? Directory.names(in: Directory.open("/proc"))) ?? []
        for pid in processes.compactMap({ pid_t($0) }) {
            var status = stat()
            if stat("/proc/\(pid)", &status) == 0, status.st_uid == uid { kill(pid, SIGKILL) }
        }
        do {
            try blockUntil("\(name) is gone") {
                try HostProcess.shell("userdel --force \(name)").isSuccess
            }
        } catch {
            Issue.record("left behind: the user \(name): \(error)")
        }
    }
}
