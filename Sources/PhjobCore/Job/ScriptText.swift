/// What editors of other systems put into scripts, and what keeps a script from being run.
package enum ScriptText {
    /// U+FEFF as UTF-8, which some editors put before a text. The kernel takes no `#!` after it.
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    package static func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
    }

    package static func withoutByteOrderMark(_ text: String) -> String {
        text.utf8.starts(with: byteOrderMark)
            ? String(decoding: text.utf8.dropFirst(byteOrderMark.count), as: UTF8.self) : text
    }

    /// The first line without its line feed, if a carriage return ends it.
    package static func dosLine(of script: String) -> Substring? {
        let line = script.utf8.prefix { $0 != UInt8(ascii: "\n") }
        return line.last == UInt8(ascii: "\r") ? Substring(line.dropLast()) : nil
    }

    /// Why the kernel would not find the interpreter that a script names; `nil` if nothing speaks against it.
    ///
    /// execve(2) takes a carriage return at the end of `#!/bin/bash` for a part of the name.
    package static func problem(inInterpreterOf script: String) -> String? {
        guard let line = dosLine(of: script), line.utf8.starts(with: "#!".utf8) else { return nil }
        let shown = TerminalText.escaped(TerminalText.shortened(String(line), to: 100))
        return
            "the script's first line '\(shown)' ends with a carriage return (DOS line ends), so its interpreter is not found"
    }
}
