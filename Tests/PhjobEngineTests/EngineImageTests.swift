import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobEngine

struct EngineImageTests {
    private func image(
        _ script: String, _ reference: String = "base:1", on name: EngineName = .podman
    ) async throws -> Result<ResolvedImage?, EngineError> {
        do {
            return .success(
                try await StandIn(script, as: name).run {
                    try $0.image(ImageReference(parsing: reference), stateID: "s1")
                })
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

    @Test func architecture() async throws {
        let answer = #"[{"Id":"0f0f","Architecture":"arm64"}]"#
        #expect(try await image("echo '\(answer)'").get() == ResolvedImage(id: "0f0f", architecture: "arm64"))
    }

    /// Only the engine's own word makes an image missing.
    @Test(
        arguments: [
            (EngineName.podman, "case $1$2 in imageexists) exit 1;; ps*) ;; *) echo damaged >&2; exit 125;; esac", nil),
            (.podman, "case $1$2 in imageexists) exit 125;; ps*) ;; *) echo damaged >&2; exit 125;; esac", "damaged"),
            (.podman, "case $1$2 in imageexists) ;; ps*) ;; *) echo 'open /tmp/x' >&2; exit 125;; esac", "open /tmp/x"),
            (.docker, "[ $1 = ps ] || { echo 'Error: No such image: base:1' >&2; exit 1; }", nil),
            (
                .docker, "[ $1 = ps ] || { echo 'Error: layer does not exist' >&2; exit 1; }",
                "Error: layer does not exist"
            ),
        ] as [(EngineName, String, String?)])
    func missing(_ name: EngineName, _ script: String, words: String?) async throws {
        let answer = try await image(script, on: name)
        #expect(answer == words.map { .failure(.refused($0)) } ?? .success(nil))
    }

    /// An engine that finds an image under a name that is not its own has not found what was asked for.
    @Test func aDigestOfAnotherImage() async throws {
        let digest = "sha256:" + String(repeating: "0a", count: 32)
        let answer = #"[{"Id":"0f0f","RepoTags":["localhost/a:1"],"RepoDigests":["localhost/a@\#(digest)"]}]"#
        #expect(try await image("echo '\(answer)'", "docker.io/pytorch/x@\(digest)").get() == nil)
        #expect(try await image("echo '\(answer)'", "localhost/a@\(digest)").get()?.id == "0f0f")
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
        let directory = standIn.directory.path
        let fifo = standIn.directory("fifo")
        mkfifo(fifo, 0o600)
        // Nobody writes to the one, and the other is always readable.
        let abandon = try Descriptor(opening: abandoned ? "/dev/zero" : fifo, flags: abandoned ? O_RDONLY : O_RDWR)
        return try await standIn.run { engine in
            var lines: [String] = []
            do {
                try engine.pull(ImageReference(parsing: "base:1"), directory: directory, abandon: abandon) {
                    lines.append($0)
                }
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
        ("echo 'write: no space left on device'; exit 125", .outOfSpace("write: no space left on device")),
        ("echo half; kill -KILL $$", .unreachable("its client was ended by signal 9 during a pull; half")),
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

    /// What fetches data from outside ends first when memory runs out, and cannot take all of it.
    @Test func aPullIsBounded() async throws {
        let pulled = try await pull("ulimit -d; cat /proc/self/oom_score_adj; [ -e podman.calls ] && echo here")
        #expect(pulled.lines == ["2097152", "1000", "here"])
    }

    /// Reads files out of an image with an engine whose `cp` is `script`; `$3` is what to copy.
    private func files(
        _ script: String, callTimeout: Double = 20
    ) async throws -> (result: Result<[String: ImageFile], EngineError>, verbs: [String]) {
        let made = "echo \(EngineSample.imageID)"
        let standIn = try StandIn(
            "cd \"${0%/*}\"; case $1 in create) \(made);; ps) echo phjob-look;; cp) \(script);; esac")
        let image = ResolvedImage(id: EngineSample.imageID)
        let result = try await standIn.run(callTimeout: callTimeout) {
            engine -> Result<[String: ImageFile], EngineError> in
            do {
                return .success(
                    try engine.files(["/etc/passwd", "/etc/group"], of: image, stateID: "s1", name: "phjob-look"))
            } catch let error as EngineError {
                return .failure(error)
            }
        }
        return (result, try standIn.calls().compactMap(\.first))
    }

    private static let missing =
        "{ echo \"Error: \\\"${3#*:}\\\" could not be found on container phjob-look: no such file\" >&2; exit 125; }"

    @Test func filesOfAnImage() async throws {
        let read = try await files(
            "case $3 in *:/etc/passwd) printf 'root:x:0' > x; tar -cf - x;; *) \(Self.missing);; esac")
        #expect(try read.result.get() == ["/etc/passwd": .contents(Array("root:x:0".utf8))])
        #expect(read.verbs == ["create", "cp", "cp", "ps", "cp", "ps"])
    }

    /// A failure that is not the engine's "no such file" says nothing about the image.
    @Test(arguments: [
        (
            "echo 'Error: writing: broken pipe' >&2; exit 125",
            "the image's /etc/passwd cannot be read: Error: writing: broken pipe"
        ),
        (
            "echo 'Error: user: unknown user' >&2; exit 125",
            "the image's /etc/passwd cannot be read: Error: user: unknown user"
        ),
        (
            "echo 'Error: open /tmp/1: no such file or directory' >&2; exit 125",
            "the image's /etc/passwd cannot be read: Error: open /tmp/1: no such file or directory"
        ),
    ])
    func otherFailures(_ script: String, words: String) async throws {
        #expect(try await files(script).result == .failure(.refused(words)))
    }

    @Test func aFullDisk() async throws {
        let read = try await files("echo 'write: no space left on device' >&2; seq 100 >&2; exit 125")
        guard case .failure(.outOfSpace) = read.result else {
            Issue.record("\(read.result)")
            return
        }
    }

    @Test(arguments: [
        ("ln -s /etc/passwd x; tar -cf - x", ImageFile.other), ("mkdir -p x/y; tar -cf - x", .other),
        ("mkfifo x; tar -cf - x", .other), ("truncate -s 5000000 x; tar -cf - x", .tooLarge),
        ("truncate -s 9000000000 x; tar -cf - x", .tooLarge),
        ("yes | head -c 100 > x; tar --format=pax -cf - x", .contents(Array(String(repeating: "y\n", count: 50).utf8))),
    ])
    func filesOfOtherKinds(_ script: String, file: ImageFile) async throws {
        #expect(try await files("rm -rf x; \(script)").result.get() == ["/etc/passwd": file, "/etc/group": file])
    }

    @Test func aCopyThatHangs() async throws {
        let read = try await files("exec sleep 3600", callTimeout: 0.3)
        #expect(throws: EngineError.self) { try read.result.get() }
        #expect(read.verbs == ["create", "cp"])
    }

    @Test func anImageThatCannotBeLookedInto() async throws {
        let standIn = try StandIn("[ $1 = create ] && { echo 'no such image' >&2; exit 125; }; exit 0")
        let error = await #expect(throws: EngineError.self) {
            try await standIn.run { try $0.files(["/a"], of: ResolvedImage(id: "00"), stateID: "s1", name: "n") }
        }
        #expect(error == .refused("no such image"))
    }
}
