import PhjobCore

/// What an engine's client printed, cut to what a person needs to read.
enum EngineWords {
    /// Characters that are shown.
    private static let limit = 600
    /// Bytes that are searched for the cause, from the beginning: no client says more before it fails.
    private static let searched = 1 << 18

    /// Whether a line only says where help on the client is to be found: its arguments are ours, not a person's.
    static func isAdvice(_ line: some StringProtocol) -> Bool {
        line.contains("--help'") && (line.hasPrefix("Run '") || line.hasPrefix("See '"))
    }

    /// The last lines, with the one that names a full disk wherever it stands: safe to show.
    static func summary(of printed: [UInt8]) -> String {
        let cause = lines(printed.prefix(searched)).first(where: EngineError.isForWantOfSpace)
        return summary(cause: cause, lines(printed.suffix(4096)).suffix(3))
    }

    /// - Parameters:
    ///   - cause: the line that says most; it is kept whatever is cut.
    ///   - last: the last lines.
    static func summary(cause: String?, _ last: some Sequence<String>) -> String {
        let words = TerminalText.escaped(last.joined(separator: "; "))
        let tail = words.count > limit ? "…" + words.suffix(limit) : words
        guard let cause, !EngineError.isForWantOfSpace(tail) else { return tail }
        // From its end: what was attempted stands first, and the error last.
        return "…" + TerminalText.escaped(cause).suffix(limit / 2) + "; " + tail
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map {
            String($0.trimmingPrefix(while: \.isWhitespace))
        }.filter { !$0.isEmpty && !isAdvice($0) }
    }
}
