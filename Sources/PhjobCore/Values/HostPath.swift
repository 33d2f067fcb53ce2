/// Checks of host directories that the catalogue names for mounting; whether they exist is asked elsewhere.
package enum HostPath {
    /// What is wrong with `path` as a mount's source, or nil if it will do.
    ///
    /// The engines read a mount's description as comma-separated fields, so anything that could end a field is refused
    /// rather than quoted: nothing but the named directory may ever be mounted.
    package static func problem(in path: String) -> String? {
        let shown = TerminalText.quoted(path, limit: 1000)
        guard path.hasPrefix("/") else { return "the path '\(shown)' is not absolute; begin it with '/'" }
        guard path != "/" else { return "the path '/' would mount the whole host; name a directory below it" }
        guard path.utf8.count <= 4096 else { return "the path is longer than 4096 bytes" }
        if let bad = path.unicodeScalars.first(where: {
            ":,\"\\".unicodeScalars.contains($0) || !TerminalText.isPlain($0)
        }) {
            let shownBad = TerminalText.escaped(String(Character(bad)))
            return "the path '\(shown)' has '\(shownBad)', which mounts cannot carry; rename or link the directory"
        }
        if components(path).contains(where: { $0.elementsEqual("..".utf8) || $0.elementsEqual(".".utf8) }) {
            return "the path '\(shown)' has '.' or '..' in it; write it out"
        }
        return nil
    }

    /// Directories whose mounting would hand the host, an engine or phjob itself to a job.
    package static let forbiddenRoots = [
        "/proc", "/sys", "/dev", "/run", "/var/run", "/var/lib/docker", "/var/lib/containers", "/var/lib/phjob",
        "/boot", "/etc",
    ]

    /// Whether mounting `path` would show `other`, or the other way round: one is the other's ancestor, or they are the same.
    package static func overlap(_ path: String, _ other: String) -> Bool {
        let (left, right) = (components(path), components(other))
        return zip(left, right).allSatisfy { $0.elementsEqual($1) }
    }

    /// Whether two paths are one, however many slashes are written.
    package static func isSame(_ path: String, _ other: String) -> Bool {
        components(path).count == components(other).count && overlap(path, other)
    }

    /// The parts between slashes as the kernel sees them: by bytes, so that no combining character hides a slash.
    private static func components(_ path: String) -> [Substring.UTF8View] {
        path.utf8.split(separator: UInt8(ascii: "/"))
    }
}
