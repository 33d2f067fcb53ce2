import Foundation
import PhjobSystem

/// Gives random inputs to everything that reads what users, engines and disks wrote. `scripts/fuzz --help` describes it.
///
/// Each input comes from the seed and its own number alone, so that one is enough to make it again. They are taken by processes of
/// their own: a trap of Swift's ends the whole process, and the number of the input is written down before each.
@main
enum PhjobFuzz {
    static func main() {
        do throws(FuzzOptions.Problem) {
            let options = try FuzzOptions(Array(CommandLine.arguments.dropFirst()))
            if let worker = options.worker {
                exit(Worker(options, worker).run())
            }
            if let number = options.only {
                exit(Worker(options, WorkerPlace(index: 0, count: 1, progress: "/dev/null")).runOne(number))
            }
            exit(Crew(options).run())
        } catch {
            say("fuzz: error: \(error)")
            exit(64)
        }
    }

    /// Prints a line for a person at once.
    static func say(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
}
