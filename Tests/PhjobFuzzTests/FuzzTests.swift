import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobFuzz

@Suite("Random inputs")
struct FuzzTests {
    private func fuzz(_ arguments: String...) throws -> ProcessResult {
        let command = ProcessCommand("\(RunnerProcess.programs)/PhjobFuzz", arguments, environment: [:])
        return try ChildProcess(command, timeout: 600).run()
    }

    /// A short run of what `scripts/fuzz` does for longer; always the same inputs.
    @Test("Twenty thousand of them break nothing")
    func short() async throws {
        try await onThread {
            let result = try fuzz("--inputs", "20000", "--seed", "4")
            #expect(result.isSuccess, "\(result.errors.text.prefix(20_000))")
            for layer in AllLayers.regular { #expect(result.output.text.contains("\(layer.name): ")) }
        }
    }

    @Test(
        "What they find is told, with the way to make it again",
        arguments: [
            ("faulty-violation", "(faulty-violation): one is not two"), ("faulty-trap", "ends the process by signal"),
            ("faulty-endless", "takes more than 10 s of processor time"),
        ])
    func found(_ layer: String, words: String) async throws {
        try await onThread {
            let result = try fuzz("--inputs", "1000", "--seed", "7", "--layer", layer)
            let text = result.errors.text
            #expect(result.status == .exited(1) && text.contains(words), "\(text.prefix(5000))")
            let again = try #require(text.split(separator: "\n").first { $0.contains("again: scripts/fuzz ") })
            let options = again.split(separator: " ").drop { $0 != "scripts/fuzz" }.dropFirst().map(String.init)
            #expect(options.contains("--only") && options.contains("7") && options.contains(layer))
            // The one input alone does it again; a process that is stuck is ended by the kernel in the same way.
            let command = ProcessCommand("\(RunnerProcess.programs)/PhjobFuzz", options, environment: [:])
            let second = try ChildProcess(command, timeout: 600).run()
            #expect(!second.isSuccess)
        }
    }

    @Test("Memory that is not given back is found")
    func growth() async throws {
        try await onThread {
            let result = try fuzz("--inputs", "300", "--layer", "faulty-growth")
            #expect(
                result.status == .exited(1) && result.errors.text.contains("a worker grew by"), "\(result.errors.text)")
        }
    }

    @Test("Inputs that all fare alike show nothing, and that is said")
    func meaningless() async throws {
        try await onThread {
            let result = try fuzz("--inputs", "20000", "--layer", "faulty-acceptance")
            #expect(result.status == .exited(1) && result.errors.text.contains("all inputs fared alike"))
        }
    }

    @Test("A wrong command line is said")
    func usage() async throws {
        try await onThread {
            for arguments in [["--layer", "x"], ["--inputs", "0"], ["--seed"], ["x"]] {
                let command = ProcessCommand("\(RunnerProcess.programs)/PhjobFuzz", arguments, environment: [:])
                let result = try ChildProcess(command, timeout: patience).run()
                #expect(result.status == .exited(64))
            }
        }
    }

    @Test("An input is made of the seed and its number, and of nothing else")
    func inputs() {
        for number in [0, 1, 999_999] {
            var (first, second) = (Randomness(seed: 1, input: number), Randomness(seed: 1, input: number))
            #expect(WireRequest(&first).bytes(&first) == WireRequest(&second).bytes(&second))
        }
        var (left, right) = (Randomness(seed: 1, input: 5), Randomness(seed: 2, input: 5))
        #expect(left.next() != right.next())
    }
}
