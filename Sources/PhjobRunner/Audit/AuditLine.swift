import FoundationEssentials
import PhjobCore

/// One line of the audit as bytes, at most ``longest`` of them, its line feed included.
///
/// Users choose the job, the detail and much of the message, so each is cut as far as the line needs it; `…` marks a cut.
enum AuditLine {
    /// In bytes. A write(2) of at most this many to a file opened with `O_APPEND` is one piece on every local file system.
    static let longest = 4096

    /// Bounds of each text in Unicode scalars, tried in turn. A scalar takes at most 6 bytes as JSON (`\u001b`), so that the last
    /// bound always fits.
    private static let bounds = [1000, 400, 100]

    /// `entry` as a line of JSON.
    static func bytes(of entry: AuditLog.Entry) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        for bound in bounds {
            let line = encoded(shortened(entry, to: bound)) + [newline]
            if line.count <= longest { return line }
        }
        return encoded(shortened(entry, to: bounds.last.map { $0 / 10 } ?? 10)) + [newline]
    }

    /// `entry` with every text that a user could have written cut to `limit` Unicode scalars.
    static func shortened(_ entry: AuditLog.Entry, to limit: Int) -> AuditLog.Entry {
        let cut = { (text: String) in TerminalText.shortened(text, to: limit) }
        var entry = entry
        entry.user = cut(entry.user)
        entry.job = entry.job.map(cut)
        entry.detail = entry.detail.map(cut)
        entry.message = entry.message.map(cut)
        return entry
    }

    private static func encoded(_ entry: AuditLog.Entry) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(entry)).map { Array($0) } ?? Array("\(entry)".utf8)
    }
}
