import Glibc
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem
import Synchronization

/// The file with the seccomp profile of jobs, for an engine that names its own profile. It is derived from that one,
/// and made again when either has changed.
final class JobSeccompProfile: Sendable {
    private struct Versions: Equatable {
        let base: FileIdentity
        let made: FileIdentity
    }

    private let known = Mutex<Versions?>(nil)
    private let directory: String
    private static let name = "podman-seccomp.json"

    init(directory: String) {
        self.directory = directory
    }

    /// - Returns: `nil` if the engine is to use its own: it names none, or none can be derived from it.
    func path(for engine: Engine, log: EventLog) -> String? {
        guard let base = engine.facts.seccompProfile, !base.isEmpty else { return nil }
        let path = "\(directory)/\(Self.name)"
        do {
            return try known.withLock { known in
                if let known, known == Self.versions(base, path) { return path }
                guard let text = try Self.text(base) else { return nil }
                try Directory.create(directory)
                try AtomicFile.write(text, to: Self.name, in: Directory.open(directory))
                known = Self.versions(base, path)
                return path
            }
        } catch {
            log.warning("seccomp-profile-not-made", ["base": base, "why": "\(error)"])
            return nil
        }
    }

    /// The profile that is derived from a file; `nil` if that holds something else.
    static func text(_ base: String) throws(SystemError) -> [UInt8]? {
        SeccompProfile.text(base: try Descriptor(opening: base, flags: O_RDONLY).readAll(limit: 1 << 20))
    }

    private static func versions(_ base: String, _ made: String) -> Versions? {
        guard let base = FileIdentity(of: base), let made = FileIdentity(of: made) else { return nil }
        return Versions(base: base, made: made)
    }
}
