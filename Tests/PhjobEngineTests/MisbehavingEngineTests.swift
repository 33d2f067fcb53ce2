import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobEngine

/// What proves nothing is never an answer: it is an error that says so, or that nobody answered.
struct MisbehavingEngineTests {
    /// Things that an engine's client has no business to print, with success.
    static let garbage = [
        "echo nonsense, nothing else", #"printf '[{"Id":"'"#, #"echo '{"Id": 7}'"#, #"echo '[7, null]'"#,
        #"printf 'a\000b'"#, #"printf '\377\376'"#, #"echo '[{"Id": 7, "Name": [], "State": "x", "Config": 1}]'"#,
    ]

    /// Ends that are no refusal.
    static let deaths = [
        "kill -KILL $$", "kill -SEGV $$", "echo 'sh: exec format error' >&2; exit 126",
        "echo 'error while loading shared libraries' >&2; exit 127",
    ]

    /// What a call gives with an engine that does `script` for everything; nil if it gives no error.
    private func error<Value: Sendable>(
        _ script: String, _ body: @escaping @Sendable (Engine) throws -> Value
    ) async throws -> EngineError? {
        do {
            _ = try await StandIn(script).run(body)
            return nil
        } catch let error as EngineError {
            return error
        }
    }

    private static func provesNothing(_ error: EngineError?) -> Bool {
        switch error {
        case .unreachable, .garbled, .outOfSpace: true
        case .refused, .notInstalled, .damaged, nil: false
        }
    }

    @Test(arguments: garbage + ["exit 0"] + deaths, EngineName.allCases)
    func ofTheEngineItself(_ script: String, _ name: EngineName) async throws {
        let standIn = try StandIn(script, as: name, info: "")
        let error = await #expect(throws: EngineError.self) { try await standIn.engine() }
        #expect(Self.provesNothing(error), "\(String(describing: error))")
    }

    @Test(arguments: garbage + ["exit 0"] + deaths) func ofContainers(_ script: String) async throws {
        let error = try await error(script) { try $0.inspect(["a"]) }
        #expect(Self.provesNothing(error), "\(String(describing: error))")
    }

    /// An empty list is an answer only of a client that has come to its end by itself.
    @Test func ofNoContainers() async throws {
        #expect(Self.provesNothing(try await error("echo '[]'; kill -KILL $$") { try $0.inspect(["a"]) }))
        #expect(try await error("echo '[]'; exit 1") { try $0.inspect(["a"]) } == nil)
    }

    @Test(arguments: garbage + deaths) func ofNames(_ script: String) async throws {
        let error = try await error(script) { try $0.names(stateID: "s1") }
        #expect(Self.provesNothing(error), "\(String(describing: error))")
    }

    /// docker lists the names by which others link to a container beside its own.
    @Test func ofLinkedNames() async throws {
        let names = try await StandIn("printf 'a,web/db\\nb\\n'").run { try $0.names(stateID: "s1") }
        #expect(names == ["a", "b", "web/db"])
    }

    @Test(arguments: garbage + ["exit 0"] + deaths.map { "[ $1 = ps ] || { \($0); }" })
    func ofAnImage(_ script: String) async throws {
        let error = try await error(script) { try $0.image(ImageReference(parsing: "a"), stateID: "s1") }
        #expect(Self.provesNothing(error), "\(String(describing: error))")
    }

    /// Whatever else a client's failure of a launch may say, it must be the client's own.
    @Test(arguments: garbage + ["exit 0", "kill -KILL $$"]) func ofALaunch(_ script: String) async throws {
        let request = try EngineSample.request()
        let error = try await error(script) { try $0.launch(request) }
        #expect(Self.provesNothing(error), "\(String(describing: error))")
    }

    /// The files of an image: nothing of what failed may be taken for "it has none".
    @Test(
        arguments: [
            "create) true;;", "cp) true;;", "ps) true;; cp) exit 1;;",
            "cp) echo 'no space left on device' >&2; exit 1;;",
        ]
            + deaths.flatMap { ["create) \($0);;", "cp) \($0);;"] })
    func ofFiles(_ behaviour: String) async throws {
        let script = "case $1 in \(behaviour) create) echo \(EngineSample.imageID);; ps) echo n;; esac"
        let error = try await error(script) {
            try $0.files(["/bin/sh"], of: ResolvedImage(id: "00"), stateID: "s1", name: "n")
        }
        #expect(Self.provesNothing(error), "\(String(describing: error))")
    }

    /// What is printed beyond all bounds is read, and not kept; what was cut is no answer.
    @Test(arguments: ["", " >&2"], ["exit 0", "exit 1"])
    func aGigabyte(_ stream: String, _ end: String) async throws {
        let script = "yes | head -c 1000000000\(stream); \(end)"
        let standIn = try StandIn(script)
        try await standIn.run(callTimeout: 120) { engine in
            let before = try HostProcess.peakMemory()
            #expect(throws: EngineError.self) { try engine.inspect(["a"]) }
            if stream.isEmpty { #expect(throws: EngineError.self) { try engine.names(stateID: "s1") } }
            // Other tests run beside this one; a fraction of what was printed is far above what it takes.
            #expect(try HostProcess.peakMemory() - before < 400 << 20)
        }
    }
}
