import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import phjob

/// The way to a runner that others start.
@Suite struct SystemRunnerTests {
    private let directory: TemporaryDirectory
    private var runner: SystemRunner { SystemRunner(socket: directory("s"), patience: 600) }

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func oneThatServesIsFound() throws {
        let listener = try UnixSocket.listen(at: directory("s"))
        #expect(try runner.find() == directory("s"))
        #expect(try runner.findOrStart() == directory("s"))
        withExtendedLifetime(listener) {}
    }

    @Test(arguments: ["s", "missing/s"]) func whereThereIsNoneNobodyWaits(_ name: String) throws {
        let runner = SystemRunner(socket: directory(name), patience: 600)
        #expect(try runner.find() == nil)
        let error = #expect(throws: PhjobError.self) { try runner.findOrStart() }
        #expect(error?.message == "there is no system runner: nothing is at \(directory(name))")
        #expect(error?.hint?.contains("systemctl status phjob") == true)
        #expect(error?.hint?.contains("--personal") == true)
    }

    @Test func oneThatHasGoneIsTold() throws {
        _ = try UnixSocket.listen(at: directory("s"))
        var runner = runner
        runner.patience = 0.05
        #expect(try runner.find() == nil)
        let error = #expect(throws: PhjobError.self) { try runner.findOrStart() }
        #expect(error?.message == "the system runner does not answer at \(directory("s"))")
    }

    /// The next one takes its place without a moment in which there is none.
    @Test func oneThatComesBackIsWaitedFor() async throws {
        _ = try UnixSocket.listen(at: directory("s"))
        let found = Mutex<String?>(nil)
        async let waiting: Void = onThread { [runner] in
            let socket = try runner.findOrStart()
            found.withLock { $0 = socket }
        }
        #expect(found.withLock { $0 } == nil)
        let listener = try UnixSocket.listen(at: directory("s"))
        try await waiting
        #expect(found.withLock { $0 } == directory("s"))
        withExtendedLifetime(listener) {}
    }

    @Test func oneThatIsTakenAwayIsNotWaitedFor() async throws {
        _ = try UnixSocket.listen(at: directory("s"))
        async let waiting: String? = onThread { [runner] in
            do {
                return try runner.findOrStart()
            } catch let error as PhjobError {
                return error.message
            }
        }
        unlink(directory("s"))
        #expect(try await waiting == "there is no system runner: nothing is at \(directory("s"))")
    }

    @Test(.enabled(if: HostProcess.isRoot, "becoming another user needs root"))
    func oneThatIsNotForThisUserIsTold() async throws {
        let listener = try UnixSocket.listen(at: directory("s"))
        let path = directory("s")
        await #expect(processExitsWith: .success) { [path = path as String] in
            try #require(setgid(65534) == 0 && setuid(65534) == 0)
            let error = #expect(throws: PhjobError.self) { try SystemRunner(socket: path).findOrStart() }
            #expect(error?.message.contains("permission denied") == true)
            #expect(error?.hint?.contains("an administrator says who may use it") == true)
        }
        withExtendedLifetime(listener) {}
    }
}
