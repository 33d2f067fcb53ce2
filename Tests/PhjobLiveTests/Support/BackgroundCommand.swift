import Foundation
import PhjobSystem
import PhjobTestSupport

/// A command that runs while the test goes on, and can be sent signals.
final class BackgroundCommand: Sendable {
    let pid: pid_t
    private let directory: TemporaryDirectory
    private let name: String

    init(_ executable: String, _ arguments: [String], environment: [String: String], directory: TemporaryDirectory)
        throws
    {
        self.directory = directory
        name = "command-\(UInt32.random(in: 0 ... .max))"
        // The shell puts output and errors into files of their own, and becomes the command.
        let script = #"out=$1; shift; exec "$@" >"$out.out" 2>"$out.err""#
        let words = ["-c", script, "sh", directory(name), executable] + arguments
        pid = try Detached.start(
            ProcessCommand("/bin/sh", words, environment: environment), log: directory("\(name).start"))
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// What it has printed so far.
    var text: String { (try? directory.text("\(name).out")) ?? "" }
    var errors: String { (try? directory.text("\(name).err")) ?? "" }

    /// Waits for its end.
    func end(within seconds: Double = 60) throws -> Output {
        var status: Int32 = 0
        try blockUntil(within: seconds, "\(name) ends; it printed \(text) \(errors)") {
            waitpid(pid, &status, WNOHANG) == pid
        }
        let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        return Output(status: code, bytes: (try? directory.read("\(name).out")) ?? [], errors: errors)
    }
}
