/// A program to run, as values that never pass through a shell.
package struct ProcessCommand: Sendable, Equatable {
    /// The program's absolute path.
    package var executable: String
    package var arguments: [String]
    /// The whole environment; nothing is inherited.
    package var environment: [String: String]
    /// What it is started under; `nil` for what this process itself is under.
    package var bounds: ProcessBounds?

    package init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], bounds: ProcessBounds? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.bounds = bounds
    }
}

extension ProcessCommand: CustomStringConvertible {
    /// The command as a person could type it into a shell; without the environment, which may hold secrets.
    package var description: String {
        ([executable] + arguments).map(Self.quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || "0123456789_-./=:,@%+".utf8.contains(byte)
        }
        if plain, !word.isEmpty { return word }
        // By scalars: a quote with a combining character after it is another character, yet still a quote to the shell.
        let parts = word.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false).map { String($0) }
        return "'" + parts.joined(separator: "'\\''") + "'"
    }
}
