import Glibc
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport

/// `Fixtures/fault.c`, compiled with the C compiler that comes with the Swift toolchain, beside the tests' own program.
enum FaultLibrary {
    static let path = Result { try build() }

    private static func build() throws -> String {
        let source = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures/fault.c"
        let result = "\(RunnerProcess.programs)/phjob-fault.so"
        // Several runs of the tests may be at it at once.
        let temporary = "\(result).\(getpid())"
        let arguments = ["-std=gnu17", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", temporary, source, "-ldl"]
        let environment = ["PATH": String(cString: getenv("PATH"))]
        let command = ProcessCommand(try compiler(), arguments, environment: environment)
        let compiled = try ChildProcess(command, timeout: patience).run()
        guard compiled.isSuccess else { throw Failure(description: "\(command): \(compiled.errors.text)") }
        rename(temporary, result)
        return result
    }

    private static func compiler() throws -> String {
        let path = String(cString: getenv("PATH"))
        if let clang = ExecutableLookup.find("clang", path: path) { return clang }
        if let swift = ExecutableLookup.find("swift", path: path), let real = realpath(swift, nil) {
            defer { free(real) }
            let folder = String(cString: real).split(separator: "/").dropLast().joined(separator: "/")
            if let clang = ExecutableLookup.find("clang", path: "/\(folder)") { return clang }
        }
        throw Failure(description: "there is no clang on PATH, nor beside swift; it comes with the Swift toolchain")
    }
}
