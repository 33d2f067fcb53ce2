/// A container image's reference, such as `localhost/phjob/base:latest` or `docker.io/library/debian@sha256:…`.
///
/// The grammar is that of the distribution project's `reference` package, in the part that both engines accept.
package struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    package let text: String
    /// The reference without its tag and digest.
    package let name: String

    /// - Throws: ``InvalidValue`` that says what rules the text out.
    package init(parsing text: String) throws(InvalidValue) {
        guard !text.isEmpty else { throw InvalidValue("the image reference is empty") }
        guard !text.hasPrefix("-") else {
            throw InvalidValue(
                "the image reference '\(TerminalText.quoted(text))' begins with '-', as only an option would")
        }
        guard text.utf8.count <= 512 else { throw InvalidValue("the image reference is longer than 512 bytes") }
        let shape = InvalidValue(
            "'\(TerminalText.quoted(text))' is not an image reference; write it as name[:tag][@digest]")
        var name = text[...]
        if let at = name.firstIndex(of: "@") {
            let digest = name[name.index(after: at)...]
            guard digest.hasPrefix("sha256:"), digest.utf8.count == 7 + 64,
                digest.utf8.dropFirst(7).allSatisfy(Self.isHexadecimal)
            else { throw shape }
            name = name[..<at]
        }
        let lastSlash = name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex
        if let colon = name[lastSlash...].firstIndex(of: ":") {
            let tag = name[name.index(after: colon)...]
            guard (1...128).contains(tag.utf8.count), tag.utf8.allSatisfy(Self.isWord), tag.first != ".",
                tag.first != "-"
            else { throw shape }
            name = name[..<colon]
        }
        var components = name.split(separator: "/", omittingEmptySubsequences: false)
        if components.count > 1 {
            // The first may be a registry's host with its port.
            let host = components.removeFirst().split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard Self.isComponent(host[0]), host.count == 1 || Self.isPort(host[1]) else { throw shape }
        }
        guard components.allSatisfy({ Self.isComponent($0) && !$0.utf8.contains(where: Self.isUpperCase) }) else {
            throw shape
        }
        self.text = text
        self.name = String(name)
    }

    /// Stands in for a reference that could not be read, in a catalogue that is refused anyway.
    static let placeholder = ImageReference(unchecked: "invalid")

    private init(unchecked text: String) {
        self.text = text
        name = text
    }

    package var description: String { text }

    /// Letters, digits, `.`, `_` and `-`, the first and the last a letter or digit.
    private static func isComponent(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return text.utf8.allSatisfy(isWord) && ![first, last].contains { "._-".utf8.contains($0) }
    }

    private static func isPort(_ text: Substring) -> Bool {
        (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    private static func isUpperCase(_ byte: UInt8) -> Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            || isUpperCase(byte) || "._-".utf8.contains(byte)
    }
}
