/// The program that a script's first line names, read as the kernel reads it (execve(2), "Interpreter scripts").
package struct ScriptInterpreter: Sendable, Equatable {
    /// Absolute, or relative to the working directory.
    package let path: String
    /// All of the line behind it, which is one argument.
    package let argument: String?

    /// - Returns: `nil` if the script does not begin with `#!` and a name, so that a shell runs it.
    package init?(of script: String) {
        guard script.utf8.starts(with: "#!".utf8) else { return nil }
        let line = script.utf8.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        let words = line.drop(while: Self.isBlank)
        let name = words.prefix { !Self.isBlank($0) }
        guard !name.isEmpty else { return nil }
        let path = String(decoding: name, as: UTF8.self)
        // A shell would look a name without a slash up in PATH, which the kernel does not.
        self.path = path.contains("/") ? path : "./" + path
        let rest = words.dropFirst(name.count).drop(while: Self.isBlank)
        let end = rest.lastIndex { !Self.isBlank($0) }
        argument = end.map { String(decoding: rest[...$0], as: UTF8.self) }
    }

    /// What is to be run, before the script's path.
    package var words: [String] { [path] + (argument.map { [$0] } ?? []) }

    /// The program that `/usr/bin/env NAME` looks up; `nil` for any other line.
    package var programOfEnv: String? {
        guard path.hasSuffix("/env"), let argument, !argument.hasPrefix("-"),
            !argument.utf8.contains(where: { Self.isBlank($0) || $0 == UInt8(ascii: "=") })
        else { return nil }
        return argument
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
