// A runner in a process of its own, for tests that stop and kill one: <state> <catalogue> <socket> [system].
import Foundation
import PhjobCore
import PhjobRunner

let arguments = CommandLine.arguments
guard arguments.count == 4 || arguments[4...] == ["system"] else { exit(64) }
do {
    let configuration = RunnerConfiguration(
        mode: arguments.count == 4 ? .personal : .system, stateDirectory: arguments[1], cataloguePath: arguments[2],
        socketPath: arguments[3],
        environment: ProcessInfo.processInfo.environment, version: "test")
    try Runner(configuration).run()
} catch {
    FileHandle.standardError.write(Data("failed: \(error)\n".utf8))
    exit(1)
}
