import PhjobCore
import Testing

struct ImageReferenceTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: [
        "base", "base:latest", "localhost/phjob/base:latest", "docker.io/library/debian:12.5-slim_x",
        "registry.lab:5000/team/base:v1", "localhost:5000/base", "Registry.Lab/base", "a/b/c/d/e",
        "base@\(digest)", "registry.lab:5000/base:v1@\(digest)", "a.b_c-d/e__f:T.A-G_", "base:_x",
        "x:" + String(repeating: "a", count: 128),
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
        "x:" + String(repeating: "a", count: 129), String(repeating: "a", count: 513),
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
}
