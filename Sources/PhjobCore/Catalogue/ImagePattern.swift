/// Which image references a group may use beside the catalogue's images: `docker.io/pytorch/*`.
///
/// `*` stands for any characters but `/`, and `**` for any at all. A pattern without a tag allows every tag and digest;
/// a tag beside a digest counts for nothing, as both engines ignore it. The name is compared as it is written, and as
/// both engines complete it (`docker.io/debian` is `docker.io/library/debian`); what an engine makes of one without a
/// registry is not guessed.
package struct ImagePattern: Sendable, Equatable, CustomStringConvertible {
    package let text: String

    /// - Throws: ``InvalidValue`` for one that could stand for no reference.
    package init(parsing text: String) throws(InvalidValue) {
        let plain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "-._/:@*".utf8.contains(byte)
        }
        guard plain, !text.isEmpty, text.utf8.count <= 512, !text.hasPrefix("/"), !text.contains("***") else {
            throw InvalidValue(
                "'\(TerminalText.quoted(text))' is no pattern of image references; write such as docker.io/pytorch/* or **"
            )
        }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    /// Allows any image.
    package static let everything = ImagePattern(unchecked: "**")

    package var description: String { text }

    package func allows(_ reference: ImageReference) -> Bool {
        let pattern = Array(text.utf8)
        return [reference.name, reference.registryName].compactMap(\.self).contains { name in
            Self.matches(pattern, name.utf8) || Self.matches(pattern, (name + reference.selector).utf8)
        }
    }

    /// Follows all places in the pattern that can be reached at once, so that no pattern takes longer than its length times
    /// that of the text.
    private static func matches(_ pattern: [UInt8], _ text: some Sequence<UInt8>) -> Bool {
        let star = UInt8(ascii: "*")
        let slash = UInt8(ascii: "/")
        // With those that are reached without a character more.
        func closure(_ places: Set<Int>) -> Set<Int> {
            var all = places
            for var place in places {
                while place < pattern.endIndex, pattern[place] == star {
                    place += place + 1 < pattern.endIndex && pattern[place + 1] == star ? 2 : 1
                    all.insert(place)
                }
            }
            return all
        }
        var reachable = closure([pattern.startIndex])
        for byte in text {
            var next: Set<Int> = []
            for place in reachable where place < pattern.endIndex {
                if pattern[place] == star {
                    let isDouble = place + 1 < pattern.endIndex && pattern[place + 1] == star
                    // The second star of a pair is never a place of its own.
                    if isDouble || byte != slash { next.insert(place) }
                } else if pattern[place] == byte {
                    next.insert(place + 1)
                }
            }
            reachable = closure(next)
            if reachable.isEmpty { return false }
        }
        return reachable.contains(pattern.endIndex)
    }
}
