import Foundation

/// A shell of this machine.
enum Shell: String {
    case bash
    case zsh
    case fish

    struct Failed: Error {
        let status: Int32
        let output: String
    }

    private var path: String? {
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return folders.split(separator: ":").map { "\($0)/\(rawValue)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    var isInstalled: Bool { path != nil }

    /// Runs a script without the user's settings and returns its stdout and stderr; a status other than 0 is an error.
    func run(_ script: String, arguments: [String] = []) throws -> String {
        guard let path else { throw Failed(status: 127, output: "no \(rawValue)") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        let settings = [Shell.bash: ["--norc", "--noprofile"], .zsh: ["-f"], .fish: ["--no-config"]][self] ?? []
        process.arguments = settings + ["-c", script] + (self == .fish ? [] : [rawValue]) + arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(status: process.terminationStatus, output: output)
        }
        return output
    }

    /// Runs `body` with a folder that holds a completion script, and a `tool` that answers `__complete`.
    static func withCompletion<T>(_ script: String, _ body: (String) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("arguments-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(script.utf8).write(to: folder.appendingPathComponent("_tool"))
        let tool = folder.appendingPathComponent("tool")
        try Data(
            """
            #!/bin/sh
            [ "$1" = __complete ] || exit 1
            printf '%s-one\\tthe first: of "%s"\\n%s-two\\n@~1\\tcolon:\\n' "$2" "$3" "$2"
            """.utf8
        ).write(to: tool)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool.path)
        for name in ["data file.json", "data.txt"] {
            try Data().write(to: folder.appendingPathComponent(name))
        }
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("directory"), withIntermediateDirectories: true)
        return try body(folder.path)
    }
}
