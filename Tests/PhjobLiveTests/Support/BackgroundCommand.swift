import Foundation
import PhjobSystem
import PhjobTestSupport

/// A command that runs while the test goes on, and can be sent signals.
final class BackgroundCommand: Sendable {
    private let process: ReapedProcess
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
        process = try ReapedProcess(
            ProcessCommand("/bin/sh", words, environment: environment), log: directory("\(name).start"))
    }

    var isRunning: Bool { process.isRunning }

    func signal(_ number: Int32) { process.signal(number) }

    /// What it has printed so far.
    var text: String { (try? directory.text("\(name).out")) ?? "" }
    var errors: String { (try? directory.text("\(name).err")) ?? "" }

    /// Waits for its end.
    func end(within seconds: Double = patience) throws -> Output {
        let code = try process.waitForEnd(within: seconds, "\(name) ends; it printed \(text) \(errors)")
        return Output(status: code, bytes: (try? directory.read("\(name).out")) ?? [], errors: errors)
    }
}
