import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Testing

/// The runner's own log goes to somebody who reads it, or does not.
@Suite("A log that nobody reads")
struct StalledLogTests {
    private static func runJobs(_ runner: RunnerProcess, _ count: Int) throws {
        let ids = try (0..<count).map { _ in try runner.client.submit(JobSubmission(command: "exit 3")).id.text }
        #expect(try runner.client.wait(ids).items.allSatisfy { $0.exitCode == 3 })
    }

    @Test("A full pipe holds nobody up; what was not dropped comes when it is read again")
    func stalled() async throws {
        try await withRunnerProcess { world, start in
            let path = world.directory("runner.log")
            mkfifo(path, 0o600)
            let pipe = try Descriptor(opening: path, flags: O_RDWR | O_NONBLOCK)
            while write(pipe.number, "x", 1) == 1 {}
            let runner = try start()
            try Self.runJobs(runner, 3)
            // Whatever is read makes room; the runner's lines follow those that were in the way.
            var text: [UInt8] = []
            try blockUntil("its lines come") {
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = read(pipe.number, &buffer, buffer.count)
                if count > 0 { text += buffer[..<count] }
                return String(decoding: text, as: UTF8.self).contains("phase=Failed")
            }
            let said = String(decoding: text.drop { $0 == UInt8(ascii: "x") }, as: UTF8.self)
            #expect(said.contains(" info runner-started ") && said.contains(" info state-loaded "))
            #expect(try runner.end() == 0)
        }
    }

    @Test("A pipe whose reader has gone ends nothing")
    func closed() async throws {
        try await withRunnerProcess { world, start in
            let path = world.directory("runner.log")
            mkfifo(path, 0o600)
            var pipe: Descriptor? = try Descriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
            let runner = try start()
            withExtendedLifetime(pipe) {}
            pipe = nil
            try Self.runJobs(runner, 2)
            #expect(try runner.end() == 0)
        }
    }
}
