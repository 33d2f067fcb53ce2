import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobEngine

struct EngineImageTests {
    private func image(_ script: String) async throws -> Result<ResolvedImage?, EngineError> {
        do {
            return .success(try await StandIn(script).run { try $0.image("base:1", stateID: "s1") })
        } catch let error as EngineError {
            return .failure(error)
        }
    }

    @Test(
        arguments: [
            (
                #"[{"Id":"0f0f","RepoDigests":["registry.lab/base@sha256:00"],"Digest":"x"}]"#, "0f0f",
                "registry.lab/base@sha256:00"
            ),
            (#"[{"Id":"sha256:0f0f","RepoDigests":[],"Size":5}]"#, "0f0f", nil), (#"[{"Id":"0f0f"}]"#, "0f0f", nil),
            (
                #"[{"Id":"0f0f","RepoDigests":["localhost/base@sha256:00","registry.lab/b@sha256:01"]}]"#, "0f0f",
                "registry.lab/b@sha256:01"
            ),
            (#"[{"Id":"0f0f","RepoDigests":["localhost/base@sha256:00"]}]"#, "0f0f", nil),
        ] as [(String, String, String?)])
    func found(_ answer: String, id: String, digest: String?) async throws {
        #expect(try await image("echo '\(answer)'").get() == ResolvedImage(id: id, repoDigest: digest))
    }

    @Test func missing() async throws {
        #expect(try await image("[ $1 = ps ] || { echo 'no such image' >&2; exit 125; }") == .success(nil))
    }

    @Test func anEngineThatIsAwayDoesNotMissAnImage() async throws {
        #expect(try await image("echo 'no daemon' >&2; exit 1") == .failure(.unreachable("no daemon")))
    }

    @Test(arguments: ["", "[]", "{}", "[{}]", #"[{"Id":5}]"#, "nonsense"])
    func garbled(_ answer: String) async throws {
        #expect(try await image("echo '\(answer)'") == .failure(.garbled("'image inspect' printed no image")))
    }

    /// Pulls from an engine that is a script, and gives the lines of progress and the error, if there was one.
    private func pull(_ script: String, abandoned: Bool = false) async throws -> (lines: [String], error: EngineError?)
    {
        let standIn = try StandIn(script)
        let fifo = standIn.directory("fifo")
        mkfifo(fifo, 0o600)
        // Nobody writes to the one, and the other is always readable.
        let abandon = try Descriptor(opening: abandoned ? "/dev/zero" : fifo, flags: abandoned ? O_RDONLY : O_RDWR)
        return try await standIn.run { engine in
            var lines: [String] = []
            do {
                try engine.pull("base:1", abandon: abandon) { lines.append($0) }
                return (lines, nil)
            } catch let error as EngineError {
                return (lines, error)
            }
        }
    }

    @Test func pulling() async throws {
        let pulled = try await pull(
            "[ \"$*\" = 'pull -- base:1' ] && { echo one; printf '50%%\\r100%%\\n' >&2; echo 00; }")
        #expect(pulled.error == nil)
        #expect(pulled.lines == ["one", "50%", "100%", "00"])
    }

    @Test(arguments: [
        ("echo Trying; echo 'Error: denied' >&2; exit 125", EngineError.refused("Trying; Error: denied")),
        ("printf 'no line feed'; exit 1", .refused("no line feed")),
        ("exit 1", .refused("the engine could not pull it, and gave no reason")),
        ("printf 'a\\nb\\nc\\n\\033[2Jd\\n'; exit 1", .refused("b; c; \\x1b[2Jd")),
    ])
    func pullingFails(_ script: String, error: EngineError) async throws {
        #expect(try await pull(script).error == error)
    }

    @Test func aPullThatNobodyWantsAnyMore() async throws {
        let pulled = try await pull("exec sleep 3600", abandoned: true)
        guard case .refused(let words) = pulled.error else {
            Issue.record("\(String(describing: pulled.error))")
            return
        }
        #expect(words.hasSuffix("was stopped because it is no longer needed"))
    }

    /// Reads files out of an image with an engine whose `cp` is `script`; `$4` is the file to write.
    private func files(
        _ script: String, callTimeout: Double = 20
    ) async throws -> (result: Result<[String: [UInt8]], EngineError>, verbs: [String], left: [String]) {
        let made = "echo \(EngineSample.imageID)"
        let standIn = try StandIn("case $1 in create) \(made);; ps) echo phjob-look;; cp) \(script);; esac")
        let copies = try TemporaryDirectory()
        let image = ResolvedImage(id: EngineSample.imageID)
        let result = try await standIn.run(callTimeout: callTimeout) {
            engine -> Result<[String: [UInt8]], EngineError> in
            do {
                return .success(
                    try engine.files(
                        ["/etc/passwd", "/etc/group"], of: image, stateID: "s1", name: "phjob-look",
                        directory: copies.path))
            } catch let error as EngineError {
                return .failure(error)
            }
        }
        return (result, try standIn.calls().compactMap(\.first), try copies.names())
    }

    @Test func filesOfAnImage() async throws {
        let read = try await files("case $3 in *:/etc/passwd) printf 'root:x:0' > \"$4\";; *) exit 1;; esac")
        #expect(try read.result.get() == ["/etc/passwd": Array("root:x:0".utf8)])
        #expect(read.verbs == ["create", "cp", "cp", "ps", "cp", "ps"])
        #expect(read.left.isEmpty)
    }

    /// What is no ordinary small file of the image's own is there, and its content is not looked at.
    @Test(arguments: [
        "ln -s /etc/passwd \"$4\"", "head -c 1048577 /dev/zero > \"$4\"",
    ])
    func filesThatAreNone(_ script: String) async throws {
        let read = try await files(script)
        #expect(try read.result.get() == ["/etc/passwd": [], "/etc/group": []])
        #expect(read.left.isEmpty)
    }

    @Test func aFIFOBlocksNobody() async throws {
        let read = try await files("mkfifo \"$4\"")
        #expect(try read.result.get().values.allSatisfy(\.isEmpty))
        #expect(read.left.isEmpty)
    }

    @Test func aCopyThatHangs() async throws {
        let read = try await files("exec sleep 3600", callTimeout: 0.3)
        #expect(throws: EngineError.self) { try read.result.get() }
        #expect(read.verbs == ["create", "cp"])
    }

    @Test func anImageThatCannotBeLookedInto() async throws {
        let standIn = try StandIn("[ $1 = create ] && { echo 'no such image' >&2; exit 125; }; exit 0")
        let path = standIn.directory.path
        let error = await #expect(throws: EngineError.self) {
            try await standIn.run {
                try $0.files(["/a"], of: ResolvedImage(id: "00"), stateID: "s1", name: "n", directory: path)
            }
        }
        #expect(error == .refused("no such image"))
    }
}
