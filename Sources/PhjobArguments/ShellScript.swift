/// What the completion scripts have in common.
enum ShellScript {
    /// A program's name as part of a shell function's name.
    static func identifier(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    /// A text in single quotes, for bash and zsh.
    static func quote(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    /// Every way to type each command: `("phjob image ls", "phjob image list")`; the way below a group begins with
    /// the group's own name.
    static func steps(in root: CommandInfo) -> [(typed: [String], meant: String)] {
        root.tree().dropFirst().map { path, info in
            let parent = path.dropLast().joined(separator: " ")
            return (info.words.map { "\(parent) \($0)" }, path.joined(separator: " "))
        }
    }

    /// Lines moved to the right.
    static func indented(_ lines: [String], by count: Int = 4) -> [String] {
        let indentation = String(repeating: " ", count: count)
        return lines.map { $0.isEmpty ? $0 : indentation + $0 }
    }
}
