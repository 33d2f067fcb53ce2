import PhjobCore
import Testing

struct ImageReferenceTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: [
        "base", "base:latest", "localhost/phjob/base:latest", "docker.io/library/debian:12.5-slim_x",
        "registry.lab:5000/team/base:v1", "localhost:5000/base", "Registry.Lab/base", "a/b/c/d/e",
        "base@\(digest)", "registry.lab:5000/base:v1@\(digest)", "a.b-c/e__f-g--h.i_j:T.A-G_", "base:_x",
        "x:" + String(repeating: "a", count: 128), "docker:24-dind", "docker:5000/x", "registry.lab/dir:tmp", "oci/x:1",
        "127.0.0.1:5000/x", "[fd00::1]:5000/x", "[::1]/x", "UPPER/x", String(repeating: "a", count: 255), "oci",
    ])
    func valid(_ text: String) throws {
        #expect(try ImageReference(parsing: text).text == text)
    }

    @Test(arguments: [
        "", "-v", "--privileged", "-", "-v/x", "Base", "team/Base", "base:", ":latest", "base:-x", "base:.x",
        "base:a:b",
        "base@", "base@sha256:00", "base@\(digest)0", "base@md5:\(digest)", "@\(digest)",
        "base@sha256:" + String(repeating: "0A", count: 32), "base@sha256:" + String(repeating: "０", count: 21) + "0",
        "/base", "base/", "a//b", "./base", "../base", "/", "a b", "a\tb", "base latest", "base\n", "base;rm", "$(id)",
        "`id`", "base,x", "a=b", "é", "É.lab/base", "a/\u{202e}b", "base\0", "-host/base", "host-/base", "_a/b", "a/.b",
        "a/b.", ":5000/base", "host:/base", "host:x/base", "host:123456/base", "host:1:2/base", "host:５/base",
        "https://registry.lab/base", "docker://base", "oci-archive:/etc/shadow", "dir:/etc",
        "x:" + String(repeating: "a", count: 129), String(repeating: "a", count: 256),
        "registry.lab/" + String(repeating: "a", count: 243), "a___b", "a..b", "a._b", "a.b_c/d", "-a.lab/x",
        "a-.lab/x",
        "a..lab/x", "[fd00::1/x", "[]/x", "[g]/x", "[::1]x/y", "localhost/", "registry.lab/UPPER",
    ])
    func hostile(_ text: String) {
        #expect(throws: InvalidValue.self) { try ImageReference(parsing: text) }
    }

    @Test func optionsAreNamedAsSuch() {
        let error = #expect(throws: InvalidValue.self) { try ImageReference(parsing: "--privileged") }
        #expect(error?.message == "the image reference '--privileged' begins with '-', as only an option would")
    }

    @Test(arguments: ["-\u{1b}[2J", "a\u{1b}[2J"])
    func messagesAreSafeToShow(_ text: String) {
        let error = #expect(throws: InvalidValue.self) { try ImageReference(parsing: text) }
        #expect(error?.message.contains("\\x1b[2J") == true)
    }

    /// What podman would read from this machine, or from another program's store, in place of a registry.
    @Test(arguments: [
        "dir:tmp", "dir:/etc", "dir:5000/x", "oci:tmp", "oci:tmp:1", "oci-archive:tmp", "docker-archive:tmp",
        "docker-daemon:x", "containers-storage:x", "sif:x", "ostree:x", "tarball:x", "atomic:x",
        "dir:x@sha256:" + String(repeating: "0a", count: 32),
    ])
    func transports(_ text: String) {
        let error = #expect(throws: InvalidValue.self) { try ImageReference(parsing: text) }
        #expect(
            error?.message.contains("transport '\(text.prefix { $0 != ":" }):'") == true, "\(String(describing: error))"
        )
    }

    @Test func dockersTransport() {
        let error = #expect(throws: InvalidValue.self) { try ImageReference(parsing: "docker://registry.lab/x") }
        #expect(error?.message.hasSuffix("write it without 'docker://'") == true)
    }

    @Test(arguments: [
        digest, String(repeating: "0a", count: 32), "sha256:be786f22", "sha256:latest",
    ])
    func ids(_ text: String) {
        let error = #expect(throws: InvalidValue.self) { try ImageReference(parsing: text) }
        #expect(error?.message.contains("is an image's id; write its name") == true)
    }

    @Test(
        arguments: [
            ("debian", nil, "docker.io/library/debian", ":latest"), ("a/b:1", nil, "docker.io/a/b", ":1"),
            ("docker.io/debian:12", "docker.io/library/debian", "docker.io/library/debian", ":12"),
            ("index.docker.io/a/b", "docker.io/a/b", "docker.io/a/b", ":latest"),
            ("localhost/phjob/base", "localhost/phjob/base", "localhost/phjob/base", ":latest"),
            ("quay.io:443/x:1@\(digest)", "quay.io:443/x", "quay.io:443/x", "@\(digest)"),
        ] as [(String, String?, String, String)])
    func names(_ text: String, registryName: String?, dockerName: String, selector: String) throws {
        let reference = try ImageReference(parsing: text)
        #expect(reference.registryName == registryName && reference.dockerName == dockerName)
        #expect(reference.selector == selector)
    }
}
