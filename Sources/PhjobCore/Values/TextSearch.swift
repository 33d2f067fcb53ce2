/// Looks for one text in many, in any case.
///
/// It takes time in proportion to the texts, however they are made: names, and what is looked for, are users' to choose, and
/// `String.contains` takes seconds for some.
package struct TextSearch: Sendable {
    private let wanted: [UInt8]
    /// For each number of bytes that have fitted, how many of them fit still when the next one does not (Knuth, Morris and Pratt,
    /// "Fast pattern matching in strings", 1977).
    private let fallback: [Int]

    package init(_ text: String) {
        wanted = Array(text.lowercased().utf8)
        var fallback = [0, 0]
        fallback.reserveCapacity(wanted.count + 1)
        for byte in wanted.dropFirst() {
            var length = fallback[fallback.count - 1]
            while length > 0, wanted[length] != byte { length = fallback[length] }
            fallback.append(wanted[length] == byte ? length + 1 : 0)
        }
        self.fallback = fallback
    }

    /// Whether it is there as it is spelled; an empty text is everywhere.
    package func isFound(in text: String) -> Bool {
        guard !wanted.isEmpty else { return true }
        let ascii = text.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.allSatisfy { $0 < 0x80 } ? isFound(inLowercased: bytes.lazy.map(Self.lowercased)) : nil
        }
        if case .some(.some(let isFound)) = ascii { return isFound }
        return isFound(inLowercased: text.lowercased().utf8)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private func isFound(inLowercased bytes: some Sequence<UInt8>) -> Bool {
        var length = 0
        for byte in bytes {
            while length > 0, wanted[length] != byte { length = fallback[length] }
            if wanted[length] == byte { length += 1 }
            if length == wanted.count { return true }
        }
        return false
    }
}
