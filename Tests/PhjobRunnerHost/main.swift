// A runner in a process of its own, for tests that stop and kill one: <state> <catalogue> <socket>.
import Foundation
import PhjobCore
import PhjobRunner

let arguments = CommandLine.arguments
guard arguments.count == 4 else { exit(64) }
do {
    let configuration = RunnerConfiguration(
        stateDirectory: arguments[1], cataloguePath: arguments[2], socketPath: arguments[3],
        environment: ProcessInfo.processInfo.environment, version: "test")
    try Runner(configuration).run()
} catch {
    FileHandle.standardError.write(Data("failed: \(error)\n".utf8))
    exit(1)
}
