/// Finds what a mistyped word was probably meant to be.
package enum Suggestion {
    /// The candidate nearest to `word`, if one is near enough: a few wrong, missing, extra or swapped letters (one in
    /// three), or a beginning of at least two letters.
    package static func best(for word: String, among candidates: [String]) -> String? {
        let typed = letters(word)
        guard (1...64).contains(typed.count) else { return nil }
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let wanted = letters(candidate)
            var distance = editDistance(typed, wanted)
            let longer = max(typed.count, wanted.count)
            if distance > max(1, longer / 3) || distance == longer {
                guard typed.count >= 2, wanted.starts(with: typed) else { continue }
                distance = wanted.count
            }
            if distance < best?.distance ?? .max {
                best = (distance, candidate)
            }
        }
        return best?.candidate
    }

    /// Dashes at the beginning and case do not count.
    private static func letters(_ word: String) -> [Character] {
        // Longer words than 64 letters are nobody's typing mistake, and may be megabytes.
        Array(word.drop { $0 == "-" }.prefix(65).lowercased())
    }

    /// The least number of inserted, removed, replaced and swapped letters between two words.
    static func editDistance(_ first: [Character], _ second: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for (i, letter) in first.enumerated() {
            var row = [i + 1]
            for (j, other) in second.enumerated() {
                var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (letter == other ? 0 : 1))
                if i > 0, j > 0, letter == second[j - 1], first[i - 1] == other {
                    least = min(least, beforeLast[j - 1] + 1)
                }
                row.append(least)
            }
            (beforeLast, last) = (last, row)
        }
        return last[second.count]
    }
}
