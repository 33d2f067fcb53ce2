/// A container image's reference, such as `localhost/phjob/base:latest` or `docker.io/library/debian@sha256:…`.
///
/// The grammar is that of the distribution project's `reference` package, in the part that both engines accept.
package struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// - Throws: ``InvalidValue`` that says what rules the text out.
    package init(parsing text: String) throws(InvalidValue) {
        guard !text.isEmpty else { throw InvalidValue("the image reference is empty") }
        guard !text.hasPrefix("-") else {
            throw InvalidValue("the image reference '\(text)' begins with '-', as only an option would")
        }
        guard text.utf8.count <= 512 else { throw InvalidValue("the image reference is longer than 512 bytes") }
        let shape = InvalidValue("'\(TerminalText.escaped(text))' is not an image reference; write it as name[:tag][@digest]")
        var name = text[...]
        if let at = name.firstIndex(of: "@") {
            let digest = name[name.index(after: at)...]
            guard digest.hasPrefix("sha256:"), digest.utf8.count == 7 + 64, digest.dropFirst(7).allSatisfy(\.isHexDigit)
            else { throw shape }
            name = name[..<at]
        }
        let lastSlash = name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex
        if let colon = name[lastSlash...].firstIndex(of: ":") {
            let tag = name[name.index(after: colon)...]
            guard (1...128).contains(tag.utf8.count), tag.allSatisfy(Self.isTagCharacter), tag.first != ".", tag.first != "-"
            else { throw shape }
            name = name[..<colon]
        }
        let components = name.split(separator: "/", omittingEmptySubsequences: false)
        for (index, component) in components.enumerated() {
            let isHost = index == 0 && components.count > 1
            guard let first = component.utf8.first, let last = component.utf8.last else { throw shape }
            guard component.allSatisfy({ Self.isNameCharacter($0) || (isHost && ($0 == ":" || $0.isUppercase)) }) else { throw shape }
            guard [first, last].allSatisfy({ $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") })
            else { throw shape }
        }
        self.text = text
    }

    /// Stands in for a reference that could not be read, in a catalogue that is refused anyway.
    static let placeholder = ImageReference(unchecked: "invalid")

    private init(unchecked text: String) {
        self.text = text
    }

    package var description: String { text }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLowercase || character.isNumber || "._-".contains(character))
    }

    private static func isTagCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
    }
}
