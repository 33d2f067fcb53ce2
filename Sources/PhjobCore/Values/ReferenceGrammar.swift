/// The parts of an image reference (github.com/distribution/reference, `regexp.go` and `normalize.go`).
enum ReferenceGrammar {
    /// What podman and its relatives take for a transport if it stands before the first colon
    /// (containers-transports(5); the list of github.com/containers/image, `transports/alltransports`, with those of
    /// other versions).
    ///
    /// `docker` is not among them: only `docker://` is that transport, and `docker:24` is an image of Docker Hub.
    static let transports: Set<String> = [
        "atomic", "containers-storage", "dir", "docker-archive", "docker-daemon", "oci", "oci-archive", "ostree", "sif",
        "tarball",
    ]

    /// `sha256` only: the one algorithm that both engines store images under.
    static func isDigest(_ text: Substring) -> Bool {
        text.hasPrefix("sha256:") && text.utf8.count == 7 + 64 && text.utf8.dropFirst(7).allSatisfy(isHexadecimal)
    }

    static func isDigest(_ text: String) -> Bool { isDigest(text[...]) }

    /// `[\w][\w.-]{0,127}`
    static func isTag(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        let isWord = { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
        return isWord(first) && text.utf8.allSatisfy { isWord($0) || ".-".utf8.contains($0) }
    }

    /// Whether what stands before the first slash is a registry's host, not a part of a repository's name.
    static func standsForDomain(_ text: Substring) -> Bool {
        text == "localhost" || text.utf8.contains { ".:".utf8.contains($0) || isUpperCase($0) }
    }

    /// A host name, an IPv4 address, or an IPv6 address in brackets, with a port or without.
    static func isDomain(_ text: Substring) -> Bool {
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return false }
            let address = text[text.index(after: text.startIndex)..<end]
            let isAddress = !address.isEmpty && address.utf8.allSatisfy { isHexDigit($0) || $0 == UInt8(ascii: ":") }
            return isAddress && isOptionalPort(text[text.index(after: end)...])
        }
        let host = text.prefix { $0 != ":" }
        return isOptionalPort(text[host.endIndex...])
            && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isDomainComponent)
    }

    /// `[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*`
    static func isPathComponent(_ text: Substring) -> Bool {
        let isPlain = { isAlphanumeric($0) && !isUpperCase($0) }
        guard let first = text.utf8.first, let last = text.utf8.last, isPlain(first), isPlain(last) else {
            return false
        }
        return text.utf8.split(whereSeparator: isPlain).allSatisfy { separator in
            separator.elementsEqual(".".utf8) || separator.elementsEqual("_".utf8)
                || separator.elementsEqual("__".utf8) || separator.allSatisfy { $0 == UInt8(ascii: "-") }
        }
    }

    /// Letters, digits and `-`; the first and the last are no `-`.
    private static func isDomainComponent(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isOptionalPort(_ text: Substring) -> Bool {
        guard let colon = text.utf8.first else { return true }
        let digits = text.utf8.dropFirst()
        return colon == UInt8(ascii: ":") && (1...5).contains(digits.count) && digits.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isUpperCase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || isUpperCase(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isHexadecimal(byte) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
    }
}
