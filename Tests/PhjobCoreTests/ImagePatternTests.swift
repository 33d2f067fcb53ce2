import Testing

@testable import PhjobCore

struct ImagePatternTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: [
        ("docker.io/pytorch/*", "docker.io/pytorch/pytorch:2.4", true),
        ("docker.io/pytorch/*", "docker.io/pytorch/pytorch", true),
        ("docker.io/pytorch/*", "docker.io/pytorch/deep/er", false),
        ("docker.io/pytorch/**", "docker.io/pytorch/deep/er:1", true),
        ("docker.io/pytorch/*", "docker.io/pytorchevil/x", false),
        ("docker.io/pytorch/*", "evil.org/docker.io/pytorch/x", false),
        ("docker.io/pytorch/pytorch", "docker.io/pytorch/pytorch:anything", true),
        ("docker.io/pytorch/pytorch:2.*", "docker.io/pytorch/pytorch:2.4", true),
        ("docker.io/pytorch/pytorch:2.*", "docker.io/pytorch/pytorch:1.13", false),
        ("docker.io/pytorch/pytorch:2.*", "docker.io/pytorch/pytorch", false),
        ("docker.io/pytorch/pytorch:2.*", "docker.io/pytorch/pytorch:2.4@\(digest)", false),
        ("docker.io/pytorch/pytorch", "docker.io/pytorch/pytorch:2.4@\(digest)", true),
        ("docker.io/a/b@sha256:0a*", "docker.io/a/b:1@\(digest)", true),
        ("docker.io/a/b:latest", "docker.io/a/b", true),
        ("docker.io/library/*", "docker.io/debian:12", true), ("docker.io/debian", "docker.io/debian:12", true),
        ("docker.io/pytorch/*", "index.docker.io/pytorch/x", true), ("docker.io/library/*", "debian", false),
        ("debian", "debian:12", true), ("debian", "localhost/debian:12", false), ("*/debian", "localhost/debian", true),
        ("**", "anything.at/all:1", true), ("*", "a/b", false), ("**/base", "localhost/phjob/base", true),
        ("a*b*c", "aXbYc", false), ("a*b*c", "axbyc", true), ("a*b*c", "axbycz", false), ("*a", "aaaa", true),
    ])
    func matching(_ pattern: String, _ reference: String, _ isAllowed: Bool) throws {
        guard let reference = try? ImageReference(parsing: reference) else {
            #expect(!isAllowed, "no reference")
            return
        }
        #expect(try ImagePattern(parsing: pattern).allows(reference) == isAllowed)
    }

    @Test(arguments: ["", "/x", "a b", "a***", "über", "a\u{0}", "x;y", String(repeating: "a", count: 513)])
    func whatIsNoPattern(_ text: String) {
        #expect(throws: InvalidValue.self) { try ImagePattern(parsing: text) }
    }

    /// A pattern that would take for ever where every star is tried with every length.
    @Test func noPatternIsSlow() throws {
        let pattern = try ImagePattern(parsing: String(repeating: "*a", count: 250) + "b")
        #expect(!pattern.allows(try ImageReference(parsing: String(repeating: "a", count: 255))))
    }
}
