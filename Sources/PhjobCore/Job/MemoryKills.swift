/// How many processes of a job were killed because its memory was used up, in words.
package enum MemoryKills {
    /// - Returns: `nil` if there were none.
    package static func words(_ count: Int64?) -> String? {
        guard let count, count > 0 else { return nil }
        return count == 1
            ? "1 of its processes was killed: out of memory"
            : "\(count) of its processes were killed: out of memory"
    }

    /// A message with these words behind it.
    static func adding(_ count: Int64?, to message: String) -> String {
        words(count).map { "\(message); \($0)" } ?? message
    }
}
