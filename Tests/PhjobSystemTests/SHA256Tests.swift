import PhjobSystem
import PhjobTestSupport
import Testing

/// The digest against published values and against the system's own tool.
@Suite struct SHA256Tests {
    /// FIPS 180-4's examples (NIST, "SHA256.pdf") and RFC 6234, section 8.5.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func publishedValues(_ text: String, _ digest: String) {
        #expect(SHA256.hexDigest(of: Array(text.utf8)) == digest)
    }

    /// As `head -c 100000 /dev/zero | tr '\0' a | sha256sum` of coreutils 9.1 gives it.
    @Test func manyBlocks() {
        #expect(
            SHA256.hexDigest(of: [UInt8](repeating: UInt8(ascii: "a"), count: 100_000))
                == "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee")
    }

    /// Every length around the ends of blocks, where padding is.
    @Test func everyLengthUpTo200() async throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: 1)
        let contents = (0...200).map { length in (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) } }
        for (length, bytes) in contents.enumerated() { try directory.write(bytes, to: "\(1000 + length)") }
        let path = directory.path
        let output = try await onThread { try HostProcess.shell("cd \(path) && sha256sum *").output.text }
        #expect(output.split(separator: "\n").map { String($0.prefix(64)) } == contents.map(SHA256.hexDigest))
    }
}
