import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobEngine

struct EngineTests {
    /// Runs one call of an engine that is a script, and gives its result, or its error.
    private func result<Value: Sendable>(
        _ script: String, callTimeout: Double = 20, _ body: @escaping @Sendable (Engine) throws -> Value
    ) async throws -> (result: Result<Value, EngineError>, calls: [[String]]) {
        let standIn = try StandIn(script)
        do {
            return (.success(try await standIn.run(callTimeout: callTimeout, body)), try standIn.calls())
        } catch let error as EngineError {
            return (.failure(error), try standIn.calls())
        }
    }

    private func inspect(_ names: [String], _ script: String) async throws -> Result<[ContainerInspection], EngineError>
    {
        try await result(script) { try $0.inspect(names) }.result
    }

    @Test func factsComeFromTheEngine() async throws {
        let engine = try await StandIn("exit 0").engine()
        #expect(engine.facts.version == "4.3.1" && engine.dialect.name == .podman)
    }

    @Test(arguments: [("exit 125", "the engine ended with exited(125) and no message"), ("echo no >&2; exit 1", "no")])
    func anEngineThatDoesNotAnswer(_ script: String, words: String) async throws {
        let standIn = try StandIn(script, info: "")
        let error = await #expect(throws: EngineError.self) { try await standIn.engine() }
        #expect(error == .unreachable(words))
    }

    @Test func inspecting() async throws {
        let script = "cat <<'END'\n\(Recorded.podmanRunning)\nEND"
        let found = try await result(script) { try $0.inspect(["a", "b"]) }
        #expect(try found.result.get().map(\.name) == ["phjob-job-202611210800-aaaaaa"])
        #expect(found.calls == [["container", "inspect", "--", "a", "b"]])
    }

    /// Both engines print what they found, and end with an error for what they did not.
    @Test(arguments: [(Recorded.podmanExitedWithZero, 125, 1), (Recorded.dockerExitedWithZero, 1, 1), ("[]", 1, 0)])
    func inspectingWithMissingNames(_ answer: String, code: Int, count: Int) async throws {
        let script = "cat <<'END'\n\(answer)\nEND\necho 'no such container' >&2; exit \(code)"
        #expect(try await inspect(["a", "gone"], script).get().count == count)
    }

    @Test func inspectingFails() async throws {
        #expect(try await inspect(["a"], "echo 'no daemon' >&2; exit 1") == .failure(.unreachable("no daemon")))
        let garbled = EngineError.garbled("'container inspect' printed no list of containers")
        #expect(try await inspect(["a"], "echo nonsense") == .failure(garbled))
        #expect(try await inspect(["a"], "printf '[{\"Id\":\"'") == .failure(garbled))
    }

    @Test func nothingIsAskedAboutNobody() async throws {
        let inspected = try await result("exit 1") { try $0.inspect([]) }
        #expect(try inspected.result.get().isEmpty && inspected.calls.isEmpty)
        let removed = try await result("exit 1") { try $0.remove([], stateID: "s1") }
        #expect(throws: Never.self) { try removed.result.get() }
        #expect(removed.calls.isEmpty)
    }

    @Test func names() async throws {
        let found = try await result("printf 'a\\nb\\n\\n'") { try $0.names(stateID: "s1") }
        #expect(try found.result.get() == ["a", "b"])
        #expect(found.calls.first?.contains("--filter=label=phjob.state=s1") == true)
        #expect(try await result("exit 0") { try $0.names(stateID: "s1") }.result == .success([]))
        let failed = try await result("echo 'no daemon' >&2; exit 1") { try $0.names(stateID: "s1") }.result
        #expect(failed == .failure(.unreachable("no daemon")))
    }

    @Test(arguments: [
        ("printf 'a\\nb\\n'", nil), ("exit 0", nil), ("[ $1 = ps ] || { echo 'in use' >&2; exit 1; }", nil),
        ("[ $1 = ps ] && echo other && exit; exit 1", nil),
        ("[ $1 = ps ] && echo b && exit; echo 'in use' >&2; exit 1", EngineError.refused("in use")),
        ("[ $1 = ps ] && echo b; echo a >/dev/null", .refused("the engine ended with exited(0) and no message")),
        ("echo 'no daemon' >&2; exit 1", .unreachable("no daemon")),
    ])
    func removing(_ script: String, error: EngineError?) async throws {
        let removed = try await result(script) { try $0.remove(["a", "b"], stateID: "s1") }
        #expect(removed.calls.first == ["rm", "--force", "--volumes", "--ignore", "--time=0", "--", "a", "b"])
        switch removed.result {
        case .success: #expect(error == nil)
        case .failure(let failure): #expect(failure == error)
        }
    }

    /// Without force: a container that runs by now stays.
    @Test func removingWhatNeverStarted() async throws {
        let removed = try await result("exit 0") { try $0.removeUnstarted("a") }
        #expect(throws: Never.self) { try removed.result.get() }
        #expect(removed.calls == [["rm", "--volumes", "--", "a"]])
        let kept = try await result("echo 'it is running' >&2; exit 2") { try $0.removeUnstarted("a") }.result
        #expect(throws: EngineError.refused("it is running")) { try kept.get() }
    }

    @Test func stoppingAndKilling() async throws {
        let stopped = try await result("exit 0") { engine in
            try engine.stop("a", graceSeconds: 3)
            try engine.kill("a")
        }
        #expect(stopped.calls == [["stop", "--time=3", "--", "a"], ["kill", "--signal=KILL", "--", "a"]])
        let script = "echo 'no such container' >&2; exit 125"
        let unstopped = try await result(script) { try $0.stop("a", graceSeconds: 0) }.result
        #expect(throws: EngineError.refused("no such container")) { try unstopped.get() }
        let alive = try await result(script) { try $0.kill("a") }.result
        #expect(throws: EngineError.refused("no such container")) { try alive.get() }
    }

    @Test(.timeLimit(.minutes(30))) func aClientThatHangsIsStopped() async throws {
        let hung = try await result("exec sleep 3600", callTimeout: 0.2) { try $0.inspect(["a"]) }.result
        #expect(throws: EngineError.self) { try hung.get() }
        guard case .failure(.unreachable(let words)) = hung else {
            Issue.record("\(hung)")
            return
        }
        #expect(words.hasSuffix("did not answer within 1 s"))
    }

    @Test(arguments: [
        ("a\n\n  b \n c\nd", "b ; c; d"), ("\u{1b}]0;x\u{7}", "\\x1b]0;x\\x07"),
        ("", "the engine ended with exited(3) and no message"),
        (" \n \n", "the engine ended with exited(3) and no message"),
        (String(repeating: "x", count: 700), "…" + String(repeating: "x", count: 600)),
        ("docker: no\nSee 'docker run --help'.", "docker: no"),
        ("docker: no\n\nRun 'docker run --help' for more information", "docker: no"),
        ("write /a: no space left on device\n1\n2\n3\n4", "…write /a: no space left on device; 2; 3; 4"),
        ("a: disk quota exceeded\nb", "a: disk quota exceeded; b"),
    ])
    func wordsOfAFailure(_ printed: String, words: String) {
        let capture = ProcessResult.Capture(bytes: Array(printed.utf8))
        #expect(Engine.words(ProcessResult(status: .exited(3), errors: capture)) == words)
        // What it printed to its output counts where it printed no errors.
        #expect(Engine.words(ProcessResult(status: .exited(3), output: capture)) == words)
        let both = ProcessResult(status: .exited(3), output: capture, errors: .init(bytes: Array("no".utf8)))
        #expect(Engine.words(both) == "no")
    }

    @Test func theLogIsHandedOnAsItIs() async throws {
        let standIn = try StandIn("printf 'out\\n'; printf '\\000\\377' >&2")
        let bytes = try await standIn.run { engine in
            var bytes: [UInt8] = []
            try engine.log("a", since: "2026-11-21T09:00:00Z", follow: true, abandon: nil) { bytes += $0 }
            return bytes
        }
        #expect(bytes == Array("out\n".utf8) + [0, 0xff])
        #expect(
            try standIn.calls()
                == [["logs", "--timestamps", "--follow", "--since=2026-11-21T09:00:00Z", "--", "a"]])
    }

    @Test func aLogThatNobodyWantsAnyMore() async throws {
        // This descriptor is always readable.
        let abandon = try Descriptor(opening: "/dev/zero", flags: O_RDONLY)
        let followed = try await result("exec sleep 3600") {
            try $0.log("a", since: nil, follow: true, abandon: abandon) { _ in }
        }
        #expect(throws: Never.self) { try followed.result.get() }
    }

    @Test func aLogThatCannotBeRead() async throws {
        let failed = try await result("exit 1") {
            try $0.log("a", since: nil, follow: false, abandon: nil) { _ in }
        }.result
        #expect(throws: EngineError.unreachable("its client for the log ended with exited(1)")) { try failed.get() }
    }

    @Test func waiting() async throws {
        let waited = try await result("echo 7") { try $0.wait("a") }
        #expect(throws: Never.self) { try waited.result.get() }
        #expect(waited.calls == [["wait", "--", "a"]])
        let failed = try await result("echo 'unexpected EOF' >&2; exit 1") { try $0.wait("a") }.result
        #expect(throws: EngineError.unreachable("unexpected EOF")) { try failed.get() }
    }
}
