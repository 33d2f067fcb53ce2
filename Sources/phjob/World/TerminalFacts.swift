import Glibc

/// What a terminal can show.
struct TerminalFacts: Sendable, Equatable {
    var columns: Int
    var rows: Int
    var hasColor: Bool

    /// The terminal behind a descriptor; nil if it is none.
    ///
    /// Its size comes from the terminal (ioctl_tty(2), `TIOCGWINSZ`), else from `COLUMNS` and `LINES`. There is no colour with
    /// `NO_COLOR` (no-color.org) or `TERM=dumb`.
    static func of(descriptor: Int32, environment: [String: String]) -> TerminalFacts? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) != 0 { size = winsize() }
        let environmentSize = { (name: String) in environment[name].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
        return TerminalFacts(
            columns: size.ws_col > 0 ? Int(size.ws_col) : environmentSize("COLUMNS") ?? 80,
            rows: size.ws_row > 0 ? Int(size.ws_row) : environmentSize("LINES") ?? 24,
            hasColor: (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb")
    }
}
